// The small parts that views are made of.

import { WAYS } from "./api.js";
import { html, useEffect, useLayoutEffect, useRef, usePage } from "./ui.js";

const PATHS = {
  back: "M8.500 4L4 8l4.500 4M4.500 8H12a4.200 4.200 0 0 1 0 8.400H8",
  forward: "M11.500 4L16 8l-4.500 4M15.500 8H8a4.200 4.200 0 0 0 0 8.400h4",
  search: "M9 3.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM13 13l4 4",
  up: "M4.500 12.500L10 7l5.500 5.500",
  down: "M4.500 7.500L10 13l5.500-5.500",
  pencil: "M4 16l.7-3.500L13.500 3.700a1.200 1.200 0 0 1 1.700 0l1.100 1.100a1.200 1.200 0 0 1 0 1.700L7.500 15.300zM11.800 5.400l2.800 2.800",
  keys: "M3 5h14a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM5.500 8.500h.1M8.500 8.500h.1M11.500 8.500h.1M14.500 8.500h.1M6.500 11.800h7",
  stop: "M5.500 5.500h9v9h-9z",
  follow: "M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10 2v2.500M10 15.500V18M2 10h2.500M15.500 10H18",
  upload: "M10 13V3.500M6 7l4-4 4 4M3.500 12.500v3a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-3",
  folder: "M2.500 5.500a1 1 0 0 1 1-1h4l2 2h7a1 1 0 0 1 1 1v7.500a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1z",
  mic: "M10 2.500a2.500 2.500 0 0 1 2.500 2.500v4.500a2.500 2.500 0 0 1-5 0V5A2.500 2.500 0 0 1 10 2.500zM4.500 9.500a5.500 5.500 0 0 0 11 0M10 15v2.500",
  pause: "M7 4.500v11M13 4.500v11",
  play: "M6.500 4.200v11.600l9-5.800z",
  close: "M5 5l10 10M15 5L5 15",
  trash: "M3.500 5.500h13M8 5.500v-2h4v2M5.500 5.500l.7 11h7.600l.7-11M8.500 8.500v5M11.500 8.500v5",
  share: "M8 11.500l4.500-4.500M8.500 5.500l2-2a3.500 3.500 0 0 1 5 5l-2 2M11.500 14.500l-2 2a3.500 3.500 0 0 1-5-5l2-2",
  copy: "M7 7V4a.5.5 0 0 1 .5-.5h8.500a.5.5 0 0 1 .5.5v8.500a.5.5 0 0 1-.5.5H13M4 7h8.500a.5.5 0 0 1 .5.5V16a.5.5 0 0 1-.5.5H4a.5.5 0 0 1-.5-.5V7.500A.5.5 0 0 1 4 7z",
  check: "M4 10.500l4 4 8-9",
  alert: "M10 3l7.500 13.500h-15zM10 8.500v3.500M10 14.200v.1",
  info: "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15zM10 9v5M10 6.200v.1",
  wait: "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15zM10 5.500V10l3 2",
  eye: "M1.500 10S4.500 4.500 10 4.500 18.500 10 18.500 10 15.500 15.500 10 15.500 1.500 10 1.500 10zM10 7.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  gear: "M3 6h6M13 6h4M3 14h4M11 14h6M11 3.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400zM9 11.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400z",
  list: "M3.500 5h13M3.500 10h13M3.500 15h8",
  plus: "M10 4v12M4 10h12",
  right: "M7.500 4.500L13 10l-5.500 5.500",
};

export function Icon({ name }) {
  return html`
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d=${PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  `;
}

// A button that carries a sign alone on narrow screens has its name as a label and as a tooltip.
export function SignButton({ icon, label, onClick, kind = "quiet", ...rest }) {
  return html`
    <button type="button" class=${`button icon ${kind}`} aria-label=${label} title=${label} onClick=${onClick} ...${rest}>
      <${Icon} name=${icon} />
    </button>
  `;
}

// `kind`: bad, warn, good or note. What is bad interrupts a screen reader; the rest waits for its turn.
export function Notice({ kind = "note", title, children, actions }) {
  const sign = { bad: "alert", warn: "alert", good: "check", note: "info" }[kind];
  return html`
    <div class=${`notice ${kind}`} role=${kind === "bad" ? "alert" : "status"}>
      <${Icon} name=${sign} />
      <div class="notice-text">
        ${title && html`<p class="notice-title">${title}</p>`}
        ${children}
        ${actions && html`<div class="actions">${actions}</div>`}
      </div>
    </div>
  `;
}

// A problem in words, and its way out. `onRetry` is offered where trying again may help.
export function ProblemNotice({ problem, onRetry, children }) {
  const page = usePage();
  const { t } = page;
  const ways = {
    [WAYS.key]: html`<button type="button" class="button" onClick=${() => page.dropKey()}>${t("way.key")}</button>`,
    [WAYS.retry]: onRetry && html`<button type="button" class="button" onClick=${onRetry}>${t("app.retry")}</button>`,
    [WAYS.list]: html`<a class="button" href="#/jobs">${t("way.list")}</a>`,
    [WAYS.fresh]: html`<a class="button" href="#/">${t("way.fresh")}</a>`,
    [WAYS.settings]: html`<a class="button" href="#/settings">${t("way.settings")}</a>`,
  };
  return html`
    <${Notice} kind="bad" actions=${html`${ways[problem.way]} ${children}`}><p>${page.sentence(problem)}</p><//>
  `;
}

// `value`: 0 to 1, or null where nobody knows.
export function Bar({ label, value, still = false }) {
  const known = value !== null;
  const now = known ? Math.floor(value * 100) : undefined;
  return html`
    <div
      class=${`bar${known ? "" : " unknown"}${still ? " still" : ""}`}
      role="progressbar"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${now}
    >
      <div class="bar-done" style=${known ? { inlineSize: `${Math.max(value * 100, 1)}%` } : {}}></div>
    </div>
  `;
}

// A dialog over the page: Esc, a click beside it and its own buttons close it; the browser gives the focus back to what opened it.
export function Dialog({ title, onClose, children, actions }) {
  const dialog = useRef(null);
  const { t } = usePage();
  useLayoutEffect(() => {
    const { current } = dialog;
    current.showModal();
    return () => current.close();
  }, []);
  const beside = (event) => event.target === dialog.current && onClose();
  const cancelled = (event) => {
    event.preventDefault(); // closed by being taken away, so that the page and its state agree
    onClose();
  };
  return html`
    <dialog ref=${dialog} aria-labelledby="dialog-title" onCancel=${cancelled} onPointerDown=${beside}>
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id="dialog-title">${title}</h2>
          <${SignButton} icon="close" label=${t("app.close")} onClick=${onClose} />
        </div>
        ${children}
        ${actions && html`<div class="actions end">${actions}</div>`}
      </div>
    </dialog>
  `;
}

export function Confirm({ title, text, yes, no, onYes, onClose, busy }) {
  const { t } = usePage();
  return html`
    <${Dialog}
      title=${title}
      onClose=${onClose}
      actions=${html`
        <button type="button" class="button" onClick=${onClose}>${no ?? t("app.cancel")}</button>
        <button type="button" class="button danger primary" disabled=${busy} onClick=${onYes}>${yes}</button>
      `}
    >
      <p>${text}</p>
    <//>
  `;
}

// The heading of a view; the route's change puts the focus here, and the window has its name.
export function Title({ children, text }) {
  const { t } = usePage();
  useEffect(() => {
    document.title = text ? `${text} · ${t("app.name")}` : t("app.name");
  }, [text, t]);
  return html`<h1 tabindex="-1">${children ?? text}</h1>`;
}

export const Loading = () => html`<p class="loading" role="status">${usePage().t("app.loading")}</p>`;
