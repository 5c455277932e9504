// The page's shell: the routes by hash, the frame, and what every view shares.

import * as api from "./api.js";
import { LANGUAGES, browserLanguage, translator } from "./texts.js";
import { forgetKey, isRemembered, keepKey, keyFromAddress, savedKey } from "./key.js";
import { Intake, asked, savedOptions, sorted, useDrops } from "./intake.js";
import { JobPage } from "./job.js";
import { JobsPage } from "./jobs.js";
import { Settings } from "./settings.js";
import { SharedPage } from "./share.js";
import { Uploads } from "./uploads.js";
import { Welcome } from "./welcome.js";
import { forgetOld, forgetUpload, keepSound, keepUpload, unfinishedUploads } from "./sounds.js";
import { Icon, Notice, ProblemNotice, SignButton, Title } from "./widgets.js";
import { Page, html, listeners, render, useEffect, useLayoutEffect, useMemo, usePage, useRef, useState } from "./ui.js";

const SHARES = "pisar.shares";
const KEY_TAKEN = { text: "key.taken", way: "key.taken.remember" };

export function parseRoute(hash) {
  if (hash.startsWith("#shared=")) return { name: "shared", token: hash.slice("#shared=".length) };
  const path = hash.replace(/^#/, "").replace(/\/+$/, "") || "/";
  const job = /^\/jobs\/([0-9a-f]{32})$/.exec(path);
  if (job) return { name: "job", id: job[1] };
  return { name: { "/": "new", "/jobs": "jobs", "/settings": "settings" }[path] ?? "lost" };
}

const VIEWS = {
  new: () => html`<${Intake} />`,
  jobs: () => html`<${JobsPage} />`,
  job: ({ id }) => html`<${JobPage} key=${id} id=${id} />`,
  settings: () => html`<${Settings} />`,
  shared: ({ token }) => html`<${SharedPage} key=${token} token=${token} />`,
  lost: () => html`<${Lost} />`,
};
const WITHOUT_KEY = ["shared", "settings", "lost"];

// What one browser keeps beside the key. A browser may refuse: then it is as if nothing was chosen.
const kept = {
  read(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // until the page is closed
    }
  },
};

// The tokens of the links that were made here, kept where the key is and as long.
const shares = {
  store: () => (isRemembered() ? localStorage : sessionStorage),
  all() {
    try {
      return JSON.parse(shares.store().getItem(SHARES) ?? "{}");
    } catch {
      return {};
    }
  },
  set(id, token) {
    const all = { ...shares.all(), [id]: token };
    if (token === null) delete all[id];
    try {
      shares.store().setItem(SHARES, JSON.stringify(all));
    } catch {
      // shown once, then
    }
  },
};

// Uploads outlive the views: a route's change does not stop them.
const changed = listeners();
const uploads = new Uploads({
  memory: {
    async keep(upload) {
      const { jobId: id, file, name, bytes, options } = upload;
      const answer = await keepUpload({ id, file, name, bytes, options });
      if (!answer.kept) await keepUpload({ id, file: null, name, bytes, options }); // no room for the file: it is chosen again, then
    },
    async all() {
      return unfinishedUploads();
    },
    forget: forgetUpload,
    async finished(upload) {
      await keepSound(upload.jobId, upload.file);
      await forgetUpload(upload.jobId);
    },
  },
});
uploads.changed = changed;

function Header({ t, route, withKey }) {
  const at = (name) => (route.name === name || (name === "jobs" && route.name === "job") ? "page" : undefined);
  return html`
    <header class="top">
      <a class="mark" href="#/"><span class="mark-sign" aria-hidden="true"></span>${t("app.name")}</a>
      ${withKey && html`
        <nav aria-label=${t("nav.label")}>
          <a href="#/" aria-current=${at("new")}><${Icon} name="plus" />${t("nav.new")}</a>
          <a href="#/jobs" aria-current=${at("jobs")}><${Icon} name="list" />${t("nav.jobs")}</a>
          <a href="#/settings" aria-current=${at("settings")}><${Icon} name="gear" />${t("nav.settings")}</a>
        </nav>
      `}
    </header>
  `;
}

// Who has no key yet, or only a link, finds the language here.
function Footer({ page }) {
  const other = page.language === "ru" ? "en" : "ru";
  return html`
    <footer class="bottom">
      <button type="button" class="button quiet" lang=${other} onClick=${() => page.chooseLanguage(other)}>${LANGUAGES[other]}</button>
      <a class="button quiet" href="#/settings">${page.t("nav.settings")}</a>
    </footer>
  `;
}

function Lost() {
  const { t } = usePage();
  return html`
    <${Title} text=${t("app.lost")} />
    <${Notice} kind="warn" actions=${html`<a class="button" href="#/">${t("app.home")}</a>`}><p>${t("app.lost.text")}</p><//>
  `;
}

function App({ brought }) {
  const [language, setLanguage] = useState(document.documentElement.lang in LANGUAGES ? document.documentElement.lang : browserLanguage());
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "auto");
  const [key, setKey] = useState(savedKey);
  const [me, setMe] = useState(null);
  const [refused, setRefused] = useState(false);
  const [options, setOptions] = useState(savedOptions);
  const [doubtful, setDoubtful] = useState([]);
  const [said, setSaid] = useState("");
  const [toast, setToast] = useState(brought ? KEY_TAKEN : null);
  const [problem, setProblem] = useState(null);
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const t = useMemo(() => translator(language), [language]);
  const main = useRef(null);

  const askMe = async (asking = key) => {
    try {
      setMe(await api.me(asking));
      setRefused(false);
    } catch (error) {
      if (error.code === "unauthorized") setRefused(true);
      throw error;
    }
  };
  const page = {
    t,
    language,
    theme,
    key,
    me,
    refused,
    options,
    doubtful,
    uploads,
    askMe,
    go: (hash) => {
      location.hash = hash;
    },
    sentence: (found) => found.sentence(t, limitsOf(t, me)),
    chooseLanguage(chosen) {
      kept.write("pisar.language", chosen);
      document.documentElement.lang = chosen;
      setLanguage(chosen);
    },
    chooseTheme(chosen) {
      kept.write("pisar.theme", chosen === "auto" ? null : chosen);
      if (chosen === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = chosen;
      setTheme(chosen);
    },
    setOptions(chosen) {
      kept.write("pisar.options", JSON.stringify(chosen));
      setOptions(chosen);
    },
    takeKey(taken, remember, known = me) {
      const links = shares.all();
      keepKey(taken, remember);
      for (const [id, token] of Object.entries(links)) shares.set(id, token);
      setKey(taken);
      setMe(known);
      setRefused(false);
      setToast(null);
    },
    dropKey() {
      uploads.pauseAll();
      forgetKey();
      setKey(null);
      setMe(null);
    },
    forgetEverything() {
      page.dropKey();
      uploads.list = [];
      uploads.tell();
      for (const store of ["localStorage", "sessionStorage"]) {
        try {
          for (const name of Object.keys(globalThis[store])) if (name.startsWith("pisar.")) globalThis[store].removeItem(name);
        } catch {
          // nothing was kept there
        }
      }
      setOptions(savedOptions());
      setRefused(false);
      page.go("#/");
    },
    shareOf: (id) => shares.all()[id] ?? null,
    keepShare: shares.set,
    forgetShare: (id) => shares.set(id, null),
    say: setSaid,
    warn: setProblem,
    addFiles(found) {
      if (!key) return [];
      const { good, doubtful: odd } = sorted(found);
      setDoubtful(odd);
      setToast(null);
      const words = [];
      if (found.hidden) words.push(t("intake.hidden", { count: found.hidden }));
      if (!found.files.length) words.unshift(t("intake.none"));
      if (words.length && (found.hidden || !odd.length)) setToast({ said: words.join(" ") });
      const made = send(good);
      if (route.name !== "new") page.go("#/");
      return made;
    },
    sendDoubtful() {
      setDoubtful([]);
      send(doubtful);
    },
    dropDoubtful: () => setDoubtful([]),
  };
  const send = (files) => {
    if (!files.length) return [];
    const made = uploads.add(files, asked(options));
    setSaid(t("intake.added", { count: made.length }));
    // One recording is followed to its text; several stay in sight together.
    if (made.length === 1 && uploads.list.length === 1) {
      const [one] = made;
      uploads.onCreated = (upload) => {
        if (upload === one && parseRoute(location.hash).name === "new") page.go(`#/jobs/${upload.jobId}`);
      };
    } else uploads.onCreated = () => {};
    return made;
  };
  page.over = useDrops((found) => route.name !== "shared" && page.addFiles(found));

  useEffect(() => {
    const turn = () => {
      const taken = keyFromAddress();
      if (taken) page.takeKey(taken, false, null);
      setToast((shown) => (taken ? KEY_TAKEN : shown === KEY_TAKEN ? null : shown));
      setProblem(null);
      setRoute(parseRoute(location.hash));
    };
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  useEffect(() => {
    const told = (event) => {
      if (event.key === null || event.key === "pisar.key") setKey(savedKey()); // another tab took or forgot it
    };
    addEventListener("storage", told);
    return () => removeEventListener("storage", told);
  }, []);
  useEffect(() => {
    uploads.key = key;
    if (!key) return;
    if (!me) askMe(key).catch(() => {});
    uploads.remember().catch(() => {});
  }, [key]);
  useEffect(() => {
    if (me) forgetOld(me.keep_days + 1);
  }, [me?.keep_days]);
  useEffect(() => {
    uploads.onDone = (upload) => {
      setSaid(t("uploads.said.done", { name: upload.name }));
      changed.tell();
    };
  }, [t]);
  useEffect(() => {
    const leaving = (event) => uploads.moving && event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, []);
  useEffect(() => {
    if (said) {
      const timer = setTimeout(() => setSaid(""), 5000); // so that the same sentence can be said again
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [said]);

  const welcome = !WITHOUT_KEY.includes(route.name) && (!key || refused);
  const place = welcome ? "welcome" : `${route.name}${route.id ?? ""}${route.token ?? ""}`;
  const first = useRef(true);
  useLayoutEffect(() => {
    if (first.current) first.current = false;
    else {
      scrollTo(0, 0);
      main.current.querySelector("h1")?.focus({ preventScroll: true });
    }
  }, [place]);

  const shell = !welcome && key && route.name !== "shared";
  return html`
    <${Page.Provider} value=${page}>
      <a class="skip" href="#content" onClick=${(event) => {
        event.preventDefault();
        main.current.focus();
      }}>${t("app.skip")}</a>
      <${Header} t=${t} route=${route} withKey=${shell} />
      <main id="content" tabindex="-1" ref=${main}>
        ${problem && html`<${ProblemNotice} problem=${problem} />`}
        ${welcome ? html`<${Welcome} key=${refused} />` : VIEWS[route.name](route)}
      </main>
      ${!shell && html`<${Footer} page=${page} />`}
      ${toast && html`
        <div class="toast" role="status">
          <p>${toast.said ?? t(toast.text)}</p>
          ${toast.way && html`<button type="button" class="button quiet" onClick=${() => page.takeKey(key, true)}>${t(toast.way)}</button>`}
          <${SignButton} icon="close" label=${t("app.close")} onClick=${() => setToast(null)} />
        </div>
      `}
      <div class="unseen" role="status">${said}</div>
    <//>
  `;
}

const limitsOf = (t, me) => (me ? { megabytes: Math.floor(me.max_bytes / 1e6), minutes: Math.floor(me.max_minutes) } : {});

const brought = keyFromAddress();
if (brought) keepKey(brought, false);
render(html`<${App} brought=${brought !== null} />`, document.getElementById("app"));
