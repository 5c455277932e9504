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
const transcript = {
  "text.label": { ru: "Расшифровка", en: "Transcript" },
  "text.words": { ru: "Текст", en: "Text" },
  "text.how": {
    ru: "Стрелки переводят от слова к слову. Enter включает звук с этого слова. Все клавиши покажет вопросительный знак.",
    en: "The arrow keys move between words. Enter plays from a word. A question mark shows all keys.",
  },
  "text.how.silent": {
    ru: "Стрелки переводят от слова к слову. Все клавиши покажет вопросительный знак.",
    en: "The arrow keys move between words. A question mark shows all keys.",
  },
  "text.growing": { ru: "Запись ещё расшифровывается. Текст появляется сам.", en: "Still transcribing. The text appears by itself." },
  "text.waiting": { ru: "Первые слова появятся здесь.", en: "The first words will appear here." },
  "text.silence": { ru: "В этой записи никто не говорит.", en: "Nobody speaks in this recording." },
  "text.follow": { ru: "К звучащему слову", en: "Back to what is playing" },
  "view.label": { ru: "Вид текста", en: "Layout" },
  "view.paragraphs": { ru: "Абзацы", en: "Paragraphs" },
  "view.cues": { ru: "С таймкодами", en: "With times" },
  "search.label": { ru: "Найти в тексте", en: "Find in the text" },
  "search.count": { ru: "{at} из {count}", en: { one: "{at} of {count}", other: "{at} of {count}" } },
  "search.none": { ru: "Не найдено", en: "Not found" },
  "search.previous": { ru: "Предыдущее совпадение", en: "Previous match" },
  "search.next": { ru: "Следующее совпадение", en: "Next match" },
  "export.label": { ru: "Забрать текст", en: "Take the text along" },
  "export.copy": { ru: "Копировать", en: "Copy" },
  "export.copied": { ru: "Скопировано.", en: "Copied." },
  "export.file": { ru: "Скачать .{ending}", en: "Download .{ending}" },
  "export.txt": { ru: "Текст с абзацами", en: "Text in paragraphs" },
  "export.srt": { ru: "Субтитры SubRip", en: "SubRip subtitles" },
  "export.vtt": { ru: "Субтитры WebVTT, для сайтов", en: "WebVTT subtitles, for web pages" },
  "export.json": { ru: "Текст, время каждого слова и прочее, для программ", en: "The text, the time of each word and more, for programs" },
  "export.name": { ru: "расшифровка", en: "transcript" },
  "export.saved": { ru: "Скачан файл «{name}».", en: "Downloaded “{name}”." },
  "export.refused": {
    ru: "Браузер не дал скопировать. Выделите текст и скопируйте его сами.",
    en: "The browser did not allow copying. Select the text and copy it yourself.",
  },
  "export.unsaved": {
    ru: {
      one: "В нём ещё нет {count} исправления: оно не сохранено.",
      few: "В нём ещё нет {count} исправлений: они не сохранены.",
      many: "В нём ещё нет {count} исправлений: они не сохранены.",
      other: "В нём ещё нет {count} исправления: они не сохранены.",
    },
    en: {
      one: "{count} correction is not saved yet and is missing in it.",
      other: "{count} corrections are not saved yet and are missing in it.",
    },
  },
  "player.label": { ru: "Звук записи", en: "Sound" },
  "player.seek": { ru: "Место в записи", en: "Position" },
  "player.at": { ru: "{time} из {whole}", en: "{time} of {whole}" },
  "player.play": { ru: "Слушать", en: "Play" },
  "player.pause": { ru: "Пауза", en: "Pause" },
  "player.back": { ru: "Назад на 5 секунд", en: "Back 5 seconds" },
  "player.forward": { ru: "Вперёд на 5 секунд", en: "Forward 5 seconds" },
  "player.speed": { ru: "Скорость", en: "Speed" },
  "player.times": { ru: "{speed}×", en: "{speed}×" },
  "sound.none": {
    ru: "Звука здесь нет: его хранит только браузер, из которого запись отправили. Если файл у вас под рукой, выберите его, и текст можно будет слушать.",
    en: "The sound is not here: only the browser that sent it keeps it. If you have the file, choose it to listen along.",
  },
  "sound.shared": {
    ru: "По ссылке виден только текст. Если у вас есть сама запись, выберите её, и текст можно будет слушать.",
    en: "The link shows the text alone. If you have the recording, choose it to listen along.",
  },
  "sound.broken": {
    ru: "Этот браузер не может воспроизвести эту запись. Текст от этого не меняется. Можно выбрать ту же запись в другом формате, например MP3.",
    en: "This browser can't play this recording. The text is not affected. You can choose the same recording in another format, such as MP3.",
  },
  "sound.choose": { ru: "Выбрать файл", en: "Choose the file" },
  "correct.mode": { ru: "Исправлять", en: "Correct" },
  "correct.hint": {
    ru: "Нажмите на слово, чтобы исправить его. Enter сохраняет, Esc отменяет, пустое поле убирает слово.",
    en: "Click a word to correct it. Enter saves, Esc cancels, an empty field takes the word away.",
  },
  "correct.later": { ru: "Исправлять можно, когда расшифровка закончится.", en: "You can correct the text once it is complete." },
  "correct.field": { ru: "Исправить «{word}»", en: "Correct “{word}”" },
  "correct.save": { ru: "Сохранить", en: "Save" },
  "correct.cancel": { ru: "Не менять", en: "Leave as it was" },
  "correct.listen": { ru: "Прослушать слово", en: "Listen to the word" },
  "correct.back": { ru: "Вернуть", en: "Take back" },
  "correct.back.word": { ru: "Вернуть «{word}»", en: "Take back to “{word}”" },
  "correct.back.heard": { ru: "Вернуть «{word}»", en: "Back to “{word}”" },
  "correct.taken": { ru: "убрано", en: "taken away" },
  "correct.count": {
    ru: { one: "{count} исправление", few: "{count} исправления", many: "{count} исправлений", other: "{count} исправления" },
    en: { one: "{count} correction", other: "{count} corrections" },
  },
  "correct.unsaved": {
    ru: {
      one: "{count} исправление ещё не сохранено",
      few: "{count} исправления ещё не сохранены",
      many: "{count} исправлений ещё не сохранены",
      other: "{count} исправления ещё не сохранены",
    },
    en: { one: "{count} correction is not saved yet", other: "{count} corrections are not saved yet" },
  },
  "correct.kept": {
    ru: "Сервер сейчас недоступен. Исправления хранятся в этом браузере и отправятся сами, как только получится.",
    en: "The server can't be reached. The corrections are kept in this browser and will be sent as soon as it can.",
  },
  "correct.again": { ru: "Отправить сейчас", en: "Send now" },
  "correct.drop": { ru: "Отказаться от них", en: "Drop them" },
  "keys.title": { ru: "Клавиши", en: "Keys" },
  "keys.space": { ru: "Пробел", en: "Space" },
  "keys.toggle": { ru: "Слушать или пауза", en: "Play or pause" },
  "keys.back": { ru: "Назад на 5 секунд", en: "Back 5 seconds" },
  "keys.forward": { ru: "Вперёд на 5 секунд", en: "Forward 5 seconds" },
  "keys.speed": { ru: "Медленнее, быстрее", en: "Slower, faster" },
  "keys.search": { ru: "Найти в тексте", en: "Find in the text" },
  "keys.help": { ru: "Этот список", en: "This list" },
  "keys.in.text": { ru: "В тексте", en: "In the text" },
  "keys.move": { ru: "От слова к слову", en: "From word to word" },
  "keys.play": { ru: "Слушать с этого слова", en: "Play from this word" },
  "keys.correct": { ru: "Исправить слово", en: "Correct the word" },
  "keys.save": { ru: "Сохранить исправление", en: "Save the correction" },
  "keys.drop": { ru: "Оставить как было", en: "Leave the word as it was" },
  "keys.on": { ru: "Клавиши без Ctrl и Alt включены", en: "Keys without Ctrl and Alt are on" },
};

// The section of recorder.js.
const recorder = {
  "record.label": { ru: "Запись с микрофона", en: "Recording" },
  "record.start": { ru: "Записать с микрофона", en: "Record" },
  "record.opening": { ru: "Браузер спрашивает о микрофоне…", en: "Waiting for the microphone…" },
  "record.microphone": { ru: "Микрофон", en: "Microphone" },
  "record.running": { ru: "Идёт запись", en: "Recording" },
  "record.paused": { ru: "Пауза", en: "Paused" },
  "record.time": { ru: "Записано", en: "Recorded" },
  "record.level": { ru: "Громкость", en: "Level" },
  "record.level.silent": { ru: "тишина", en: "silence" },
  "record.level.quiet": { ru: "тихо", en: "quiet" },
  "record.level.good": { ru: "хорошо", en: "good" },
  "record.level.loud": { ru: "слишком громко", en: "too loud" },
  "record.level.loud.way": { ru: "Слишком громко: отодвиньтесь от микрофона.", en: "Too loud: move away from the microphone." },
  "record.silence": {
    ru: "Звука нет. Проверьте, тот ли микрофон выбран и не выключен ли он.",
    en: "No sound arrives. Check that the right microphone is chosen and that it is not muted.",
  },
  "record.stop": { ru: "Готово", en: "Done" },
  "record.pause": { ru: "Пауза", en: "Pause" },
  "record.resume": { ru: "Продолжить", en: "Go on" },
  "record.discard": { ru: "Удалить", en: "Discard" },
  "record.discard.title": { ru: "Удалить запись?", en: "Discard the recording?" },
  "record.discard.text": { ru: "Записано {time}. Вернуть это будет нельзя.", en: "{time} was recorded. It can't be brought back." },
  "record.discard.yes": { ru: "Удалить", en: "Discard" },
  "record.discard.no": { ru: "Оставить", en: "Keep" },
  "record.ready": { ru: "Записано {time}", en: "{time} recorded" },
  "record.send": { ru: "Расшифровать", en: "Transcribe" },
  "record.sending": { ru: "Отправляется…", en: "Sending…" },
  "record.unsent": { ru: "Отправить не получилось. Запись цела, попробуйте ещё раз.", en: "It could not be sent. The recording is safe; try again." },
  "record.empty": { ru: "Браузер не записал ничего.", en: "The browser recorded nothing." },
  "record.name": { ru: "Запись {when}", en: "Recording {when}" },
  "record.unkept": {
    ru: "Этот браузер не может сохранять запись по ходу дела. Не закрывайте вкладку, пока не закончите.",
    en: "This browser can't keep the recording as it goes. Do not close the tab before you are done.",
  },
  "record.lost": {
    ru: "Микрофон отключился. То, что записано до этого, цело.",
    en: "The microphone went away. What was recorded before is safe.",
  },
  "record.left.title": { ru: "Осталась неотправленная запись", en: "A recording was not sent" },
  "record.left.text": { ru: "{when}, длина {time}.", en: "{when}, {time} long." },
  "record.left.open": { ru: "Открыть", en: "Open" },
  "record.no.insecure": { ru: "Здесь браузер не даёт микрофон", en: "The browser gives no microphone here" },
  "record.way.insecure": {
    ru: "Он даёт его только страницам с HTTPS. Откройте эту страницу по адресу с https:// или запишите звук диктофоном и добавьте файл.",
    en: "It gives it only to pages with HTTPS. Open this page by an address with https://, or record with another app and add the file.",
  },
  "record.no.unsupported": { ru: "Этот браузер не умеет записывать звук", en: "This browser can't record" },
  "record.way.unsupported": {
    ru: "Откройте страницу в свежем Firefox, Chrome или Safari или запишите звук диктофоном и добавьте файл.",
    en: "Open the page in a recent Firefox, Chrome or Safari, or record with another app and add the file.",
  },
  "record.no.refused": { ru: "Микрофон не разрешён", en: "The microphone is not allowed" },
  "record.way.refused": {
    ru: "Разрешите его этой странице: значок слева от адреса, «Микрофон». Проверьте и настройки системы. Потом нажмите «Записать» ещё раз.",
    en: "Allow it for this page: the sign beside the address, “Microphone”. Check the system's settings too. Then press “Record” again.",
  },
  "record.no.missing": { ru: "Микрофон не найден", en: "There is no microphone" },
  "record.way.missing": {
    ru: "Подключите микрофон или наушники с ним и нажмите «Записать» ещё раз. Или добавьте готовый файл.",
    en: "Plug in a microphone or a headset and press “Record” again. Or add a file.",
  },
  "record.no.busy": { ru: "Микрофон занят", en: "The microphone is in use" },
  "record.way.busy": {
    ru: "Похоже, его держит другая программа. Закройте её и нажмите «Записать» ещё раз.",
    en: "Another program seems to hold it. Close that and press “Record” again.",
  },
  "record.no.broken": { ru: "Запись не началась", en: "The recording did not start" },
  "record.way.broken": {
    ru: "Обновите страницу и попробуйте ещё раз. Или запишите звук диктофоном и добавьте файл.",
    en: "Reload the page and try again. Or record with another app and add the file.",
  },
};

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
