// Every sentence of the page, in Russian and in English side by side; each module has a section of its own.
//
// A text may name values: "{name}". A text that depends on a number is an object of its plural forms, chosen by `values.count`:
// {one, few, many, other} in Russian, {one, other} in English; "{count}" in it is written as the language writes numbers.

const shell = {
  "app.name": { ru: "Писарь", en: "Pisar" },
  "app.what": { ru: "Голос в текст", en: "Voice to text" },
  "app.skip": { ru: "К содержанию", en: "Skip to content" },
  "nav.label": { ru: "Разделы", en: "Sections" },
  "nav.new": { ru: "Новая запись", en: "New" },
  "nav.jobs": { ru: "Мои записи", en: "Recordings" },
  "nav.settings": { ru: "Настройки", en: "Settings" },
  "app.lost": { ru: "Такой страницы нет", en: "There is no such page" },
  "app.home": { ru: "На главную", en: "Go to the start" },
  "app.loading": { ru: "Загружается…", en: "Loading…" },
  "app.close": { ru: "Закрыть", en: "Close" },
  "app.cancel": { ru: "Отмена", en: "Cancel" },
};

const key = {};
const problems = {};
const intake = {};
const uploads = {};
const jobs = {};
const share = {};
const settings = {};

// The section of transcript.js, player.js, search.js and exports.js.
const transcript = {};

// The section of recorder.js.
const recorder = {};

export const TEXTS = {
  ...shell,
  ...key,
  ...problems,
  ...intake,
  ...uploads,
  ...jobs,
  ...share,
  ...settings,
  ...transcript,
  ...recorder,
};

export const LANGUAGES = { ru: "Русский", en: "English" };

// Languages whose speakers more likely read Russian than English.
const NEAR_RUSSIAN = /^(ru|be|uk|kk|ky)\b/i;

export const browserLanguage = (preferred = navigator.languages) => (preferred.some((each) => NEAR_RUSSIAN.test(each)) ? "ru" : "en");

// Returns t(name, values) for a language; t.language, t.has(name), t.number(n, options), t.moment(milliseconds), t.date(milliseconds).
export function translator(language) {
  const plural = new Intl.PluralRules(language);
  const number = (value, options) => new Intl.NumberFormat(language, options).format(value);
  const t = (name, values = {}) => {
    let text = TEXTS[name]?.[language];
    if (text === undefined) return name; // a test looks for these
    if (typeof text === "object") text = text[plural.select(values.count)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, each) => (typeof values[each] === "number" ? number(values[each]) : (values[each] ?? "")));
  };
  const dated = (milliseconds, options) => new Intl.DateTimeFormat(language, options).format(milliseconds);
  t.language = language;
  t.has = (name) => name in TEXTS;
  t.number = number;
  t.date = (milliseconds, options = { day: "numeric", month: "long", year: "numeric" }) => dated(milliseconds, options);
  // A moment as people say it: the time alone today, with the day else, with the year where it is another.
  t.moment = (milliseconds, now = Date.now()) => {
    const [then, today] = [new Date(milliseconds), new Date(now)];
    const time = { hour: "numeric", minute: "2-digit" };
    if (then.toDateString() === today.toDateString()) return dated(milliseconds, time);
    const day = { day: "numeric", month: "long", ...time };
    return dated(milliseconds, then.getFullYear() === today.getFullYear() ? day : { ...day, year: "numeric" });
  };
  return t;
}
