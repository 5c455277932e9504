// Sizes, times and lengths as people read them. Pure.

const UNITS = ["size.b", "size.kb", "size.mb", "size.gb"];

// 2097152 → "2 MB"; two digits where there are fewer than ten of the unit.
export function size(t, bytes) {
  let [n, unit] = [bytes, 0];
  while (n >= 1000 && unit < UNITS.length - 1) [n, unit] = [n / 1024, unit + 1];
  return t(UNITS[unit], { n: t.number(n, { maximumFractionDigits: n < 10 && unit > 1 ? 1 : 0 }) });
}

// 75 → "1 min 15 s" is more than anybody needs of a forecast: seconds below a minute and a half, then minutes, then hours and minutes.
export function span(t, seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return t("span.seconds", { n: whole < 20 ? whole : Math.round(whole / 5) * 5 });
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return t("span.minutes", { n: minutes });
  const [h, n] = [Math.floor(minutes / 60), minutes % 60];
  return n ? t("span.hours.minutes", { h, n }) : t("span.hours", { h });
}

// A recording's length: 75 → "1:15", 3675 → "1:01:15".
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const percent = (t, share) => t.number(Math.floor(share * 100) / 100, { style: "percent" });

// A language's own name in the page's language: "ru" → "русский"; its code where the browser knows no name.
export function languageName(language, code) {
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

export const capitalised = (text, language) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

// A job's name for people: its own, else when it was made.
export const nameOf = (t, job) => job.name || t("jobs.nameless", { when: t.moment(Date.parse(job.created_at)) });
