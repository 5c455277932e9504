// The page's shell: the routes by hash, the header, and what every view shares.

import { LANGUAGES, browserLanguage, translator } from "./texts.js";
import { forgetKey, keepKey, keyFromAddress, savedKey } from "./key.js";
import { Page, html, render, useEffect, useMemo, useRef, useState } from "./ui.js";

export function parseRoute(hash) {
  const shared = /^#shared=([\w-]{16,200})$/.exec(hash);
  if (shared) return { name: "shared", token: shared[1] };
  const path = hash.replace(/^#/, "").replace(/\/+$/, "") || "/";
  const job = /^\/jobs\/([0-9a-f]{32})$/.exec(path);
  if (job) return { name: "job", id: job[1] };
  return { name: { "/": "new", "/jobs": "jobs", "/settings": "settings" }[path] ?? "lost" };
}

function Header({ t, route }) {
  const at = (name) => (route.name === name || (name === "jobs" && route.name === "job") ? "page" : undefined);
  return html`
    <header class="top">
      <a class="mark" href="#/">${t("app.name")}</a>
      <nav aria-label=${t("nav.label")}>
        <a href="#/" aria-current=${at("new")}>${t("nav.new")}</a>
        <a href="#/jobs" aria-current=${at("jobs")}>${t("nav.jobs")}</a>
        <a href="#/settings" aria-current=${at("settings")}>${t("nav.settings")}</a>
      </nav>
    </header>
  `;
}

function App() {
  const [language, chooseLanguage] = useState(document.documentElement.lang in LANGUAGES ? document.documentElement.lang : browserLanguage());
  const [key, setKey] = useState(savedKey);
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const t = useMemo(() => translator(language), [language]);
  const main = useRef(null);
  useEffect(() => {
    const turn = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  const page = {
    t,
    language,
    chooseLanguage,
    key,
    takeKey(taken, remember) {
      keepKey(taken, remember);
      setKey(taken);
    },
    dropKey() {
      forgetKey();
      setKey(null);
    },
  };
  return html`
    <${Page.Provider} value=${page}>
      <${Header} t=${t} route=${route} />
      <main id="content" tabindex="-1" ref=${main}><h1 tabindex="-1">${t("app.what")}</h1></main>
    <//>
  `;
}

const brought = keyFromAddress();
if (brought) keepKey(brought, false);
render(html`<${App} />`, document.getElementById("app"));
