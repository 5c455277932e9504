// Sets the chosen theme and language before the first paint, so that nothing flashes. The only script that blocks it.
(() => {
  const root = document.documentElement;
  let theme = null;
  let language = null;
  try {
    theme = localStorage.getItem("pisar.theme");
    language = localStorage.getItem("pisar.language");
  } catch {
    // a browser that keeps nothing for this page
  }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.lang = language || ((navigator.languages || [navigator.language]).some((each) => /^(ru|be|uk|kk|ky)\b/i.test(each)) ? "ru" : "en");
})();
