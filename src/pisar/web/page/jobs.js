// The list of one's own recordings, by pages, and the few latest of it for the start page.

import * as api from "./api.js";
import { clock, languageName, nameOf, percent } from "./format.js";
import { forgetSound, forgetUpload } from "./sounds.js";
import { usePolling } from "./polling.js";
import { Bar, Confirm, Icon, Loading, ProblemNotice, SignButton, Title } from "./widgets.js";
import { html, useCallback, useEffect, usePage, useRef, useState } from "./ui.js";

const PAGE = 20;
const RECENT = 5;
const FIRST_WAIT_MS = 2500;
const LONGEST_WAIT_MS = 20_000;

export const MOVING = ["queued", "working"];

const SIGNS = { awaiting_upload: "wait", expired: "alert", queued: "wait", working: "wait", done: "check", failed: "alert" };

export function State({ state }) {
  const { t } = usePage();
  return html`<span class=${`state ${state}`}><${Icon} name=${SIGNS[state] ?? "info"} />${t(`state.${state}`)}</span>`;
}

// The first page anew, before the pages that are shown already.
export function joined(fresh, shown) {
  const ids = new Set(fresh.map(({ id }) => id));
  return [...fresh, ...shown.filter(({ id }) => !ids.has(id))];
}

// {list, next, problem, more(), drop(id), again()}: the pages so far, asked for anew while a recording in it is worked on.
function useJobs(limit, uploads) {
  const page = usePage();
  const [list, setList] = useState(null);
  const [next, setNext] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const pages = useRef(1);
  const wait = useRef(FIRST_WAIT_MS);
  const gone = useRef(new Set());
  const ask = async (signal) => {
    const found = await api.jobs(page.key, { limit }, { signal });
    if (signal.aborted) return null;
    const here = found.jobs.filter(({ id }) => !gone.current.has(id));
    setProblem(null);
    setList((shown) => (pages.current === 1 ? here : joined(here, shown ?? [])));
    if (pages.current === 1) setNext(found.next);
    if (!here.some(({ state }) => MOVING.includes(state))) return null;
    wait.current = Math.min(wait.current * 1.25, LONGEST_WAIT_MS);
    return wait.current;
  };
  const again = usePolling(ask, setProblem, [page.key, limit]);
  useEffect(() => uploads.changed.subscribe(() => {
    wait.current = FIRST_WAIT_MS;
    again();
  }), [uploads]);
  const more = async () => {
    setBusy(true);
    try {
      const found = await api.jobs(page.key, { limit, after: next });
      pages.current += 1;
      setList((shown) => joined(shown ?? [], found.jobs.filter(({ id }) => !gone.current.has(id))));
      setNext(found.next);
      setProblem(null);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const drop = useCallback((id) => {
    gone.current.add(id);
    setList((shown) => shown.filter((each) => each.id !== id));
  }, []);
  return { list, next, problem, busy, more, drop, again };
}

function JobRow({ job, onDeleted }) {
  const page = usePage();
  const { t, language } = page;
  const [sure, setSure] = useState(false);
  const name = nameOf(t, job);
  const facts = [t.moment(Date.parse(job.created_at))];
  if (!job.name) facts.shift();
  if (job.duration !== null) facts.push(clock(job.duration));
  if (job.language && job.language !== "auto") facts.push(languageName(language, job.language));
  if (job.task === "translate") facts.push(t("job.translated"));
  return html`
    <li class="row">
      <a class="row-link" href=${`#/jobs/${job.id}`}>
        <span class="row-name">${name}</span>
        <span class="row-facts">
          <${State} state=${job.state} />
          ${job.state === "working" && job.progress > 0 && html`<span>${percent(t, job.progress)}</span>`}
          ${facts.map((fact) => html`<span key=${fact}>${fact}</span>`)}
        </span>
      </a>
      <${SignButton} icon="trash" label=${t("jobs.delete.of", { name })} onClick=${() => setSure(true)} />
      ${sure && html`<${Delete} job=${job} onClose=${() => setSure(false)} onDeleted=${() => onDeleted(job)} />`}
    </li>
  `;
}

// Asks, deletes, and forgets what this browser keeps of it.
export function Delete({ job, texts = "jobs.delete", onClose, onDeleted }) {
  const page = usePage();
  const { t } = page;
  const [busy, setBusy] = useState(false);
  const name = nameOf(t, job);
  const yes = async () => {
    setBusy(true);
    try {
      const upload = page.uploads.ofJob(job.id);
      if (upload) await page.uploads.cancel(upload);
      await api.eraseJob(page.key, job.id).catch((error) => {
        if (error.code !== "not_found") throw error;
      });
      await Promise.all([forgetSound(job.id), forgetUpload(job.id)]);
      page.forgetShare(job.id);
      page.say(t("jobs.deleted", { name }));
      onClose();
      onDeleted();
    } catch (problem) {
      onClose();
      page.warn(problem);
    }
  };
  return html`
    <${Confirm}
      title=${t(`${texts}.sure`)}
      text=${t(`${texts}.text`, { name })}
      yes=${t(texts)}
      no=${texts === "job.cancel" ? t("job.cancel.back") : undefined}
      onYes=${yes}
      onClose=${onClose}
      busy=${busy}
    />
  `;
}

function Rows({ list, drop, again }) {
  const rows = useRef(null);
  const deleted = (job) => {
    drop(job.id);
    again();
    // The focus would fall to nowhere with the row it was in.
    const place = rows.current?.closest("section, main")?.querySelector("h1, h2");
    place?.focus();
  };
  return html`
    <ul class="rows" ref=${rows}>
      ${list.map((job) => html`<${JobRow} key=${job.id} job=${job} onDeleted=${deleted} />`)}
    </ul>
  `;
}

export function JobsPage() {
  const page = usePage();
  const { t, me } = page;
  const found = useJobs(PAGE, page.uploads);
  const { list, next, problem, busy, more, again } = found;
  return html`
    <${Title} text=${t("jobs.title")} />
    ${me && html`<p class="lead">${t("jobs.kept", { count: me.keep_days })}</p>`}
    ${problem && html`<${ProblemNotice} problem=${problem} onRetry=${again} />`}
    ${list === null && !problem && html`<${Loading} />`}
    ${list?.length === 0 && html`
      <div class="empty">
        <${Icon} name="list" />
        <h2>${t("jobs.empty")}</h2>
        <p>${t("jobs.empty.text")}</p>
        <a class="button primary" href="#/">${t("jobs.empty.way")}</a>
      </div>
    `}
    ${list?.length > 0 && html`<${Rows} ...${found} />`}
    ${next && html`<div class="actions center"><button type="button" class="button" disabled=${busy} onClick=${more}>${t("jobs.more")}</button></div>`}
  `;
}

export function RecentJobs() {
  const page = usePage();
  const { t } = page;
  const found = useJobs(RECENT, page.uploads);
  const { list, next, problem, again } = found;
  if (problem && !list) return html`<${ProblemNotice} problem=${problem} onRetry=${again} />`;
  const shown = list?.filter(({ id }) => !page.uploads.ofJob(id)) ?? [];
  if (!shown.length) return null;
  return html`
    <section aria-labelledby="recent-title">
      <div class="section-head">
        <h2 id="recent-title" tabindex="-1">${t("intake.recent")}</h2>
        ${next && html`<a href="#/jobs">${t("intake.all")}</a>`}
      </div>
      <${Rows} ...${found} list=${shown} />
    </section>
  `;
}
