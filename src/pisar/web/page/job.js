// One recording: its upload, its place in line, its text while it grows, and the whole with its sound.

import * as api from "./api.js";
import { capitalised, clock, languageName, nameOf, percent, span } from "./format.js";
import { Delete, MOVING, State } from "./jobs.js";
import { soundOf } from "./sounds.js";
import { usePolling } from "./polling.js";
import { Later } from "./later.js";
import { ShareDialog } from "./share.js";
import { UploadRow } from "./upload-list.js";
import { Bar, Icon, Loading, Notice, ProblemNotice, Title } from "./widgets.js";
import { html, useEffect, usePage, useRef, useState, useStore } from "./ui.js";

// However long the server thinks it takes, a person who looks sees the bar move.
const LOOK_MS = { working: 3000, queued: 6000 };
const UPLOADING_MS = 5000;

const loadView = () => import("./transcript.js");

// In how many milliseconds to ask for a job again; null when nothing will change.
export function nextLook(state, retryAfterSeconds) {
  const longest = LOOK_MS[state];
  if (longest === undefined) return state === "awaiting_upload" ? UPLOADING_MS : null;
  return Math.max(1000, Math.min(longest, (retryAfterSeconds ?? Infinity) * 1000));
}

// Whether a transcript has no word.
export const isSilent = (transcript) => !transcript.segments.some(({ text }) => text.trim());

function useTranscript(page, job) {
  const [found, setFound] = useState({ transcript: null, complete: false });
  const [problem, setProblem] = useState(null);
  const [asked, setAsked] = useState(0);
  const working = job?.state === "working";
  const done = job?.state === "done";
  useEffect(() => {
    if (!done && !(working && job.progress > 0)) return undefined;
    const stop = new AbortController();
    const query = working ? { format: "verbose_json", partial: true } : { format: "verbose_json" };
    api.transcript(page.key, job.id, query, { signal: stop.signal }).then(
      async (response) => {
        const transcript = await response.json();
        setFound({ transcript, complete: done || response.headers.get("X-Complete") === "true" });
        setProblem(null);
      },
      (error) => {
        // While it grows the next look brings it; what matters is the end.
        if (!stop.signal.aborted && done) setProblem(error);
      },
    );
    return () => stop.abort();
  }, [page.key, job?.id, job?.state, working ? job.progress : 1, asked]);
  return { ...found, problem, again: () => setAsked((count) => count + 1) };
}

export function JobPage({ id }) {
  const page = usePage();
  const { t, uploads } = page;
  useStore(uploads);
  const [job, setJob] = useState(null);
  const [problem, setProblem] = useState(null);
  const [sound, setSound] = useState(null);
  const [asking, setAsking] = useState(null);
  const upload = uploads.ofJob(id);
  const again = usePolling(
    async (signal) => {
      const response = await api.job(page.key, id, { signal });
      const found = await response.json();
      if (signal.aborted) return null;
      setJob(found);
      setProblem(null);
      return nextLook(found.state, Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || null);
    },
    setProblem,
    [page.key, id],
  );
  const uploading = upload !== null;
  const was = useRef(uploading);
  useEffect(() => {
    if (was.current && !uploading) again(); // the last byte went
    was.current = uploading;
  }, [uploading]);
  useEffect(() => {
    let here = true;
    soundOf(id).then((found) => here && setSound(found));
    return () => {
      here = false;
    };
  }, [id]);
  const text = useTranscript(page, job);
  const before = useRef(null);
  useEffect(() => {
    if (MOVING.includes(before.current) && job?.state === "done") page.say(t("job.ready"));
    before.current = job?.state ?? null;
  }, [job?.state]);

  if (!job) {
    return html`
      <${Title} text=${upload?.name ?? (problem ? t("state.failed") : t("app.loading"))} />
      ${problem ? html`<${ProblemNotice} problem=${problem} onRetry=${again} />` : html`<${Loading} />`}
    `;
  }
  const name = nameOf(t, job);
  const moving = MOVING.includes(job.state);
  return html`
    <div class="job-head">
      <div class="grow">
        <${Title} text=${name} />
        <${Facts} job=${job} transcript=${text.transcript} />
      </div>
      <div class="actions">
        ${job.state === "done" && html`<button type="button" class="button" onClick=${() => setAsking("share")}><${Icon} name="share" />${t("share.button")}</button>`}
        ${!moving && !upload && html`<button type="button" class="button quiet danger" onClick=${() => setAsking("delete")}><${Icon} name="trash" />${t("jobs.delete")}</button>`}
      </div>
    </div>
    ${problem && html`<${ProblemNotice} problem=${problem} onRetry=${again} />`}
    ${upload && html`<section class="card" aria-label=${t("job.uploading")}><${UploadRow} upload=${upload} named=${false} /></section>`}
    ${!upload && job.state === "awaiting_upload" && html`<${Unfinished} job=${job} name=${name} />`}
    ${moving && html`<${Progress} job=${job} onCancel=${() => setAsking("cancel")} />`}
    ${job.state === "expired" && html`<${ProblemNotice} problem=${new api.Problem("expired")}><a class="button" href="#/">${t("jobs.empty.way")}</a><//>`}
    ${job.state === "failed" && html`<${ProblemNotice} problem=${new api.Problem(job.error.code, { said: job.error.message })} />`}
    ${text.problem && html`<${ProblemNotice} problem=${text.problem} onRetry=${text.again} />`}
    ${job.state === "done" && !text.transcript && !text.problem && html`<${Loading} />`}
    <${Text} job=${job} text=${text} sound=${sound} />
    ${asking === "share" && html`<${ShareDialog} job=${job} onClose=${() => setAsking(null)} />`}
    ${(asking === "delete" || asking === "cancel") && html`
      <${Delete}
        job=${job}
        texts=${asking === "cancel" ? "job.cancel" : "jobs.delete"}
        onClose=${() => setAsking(null)}
        onDeleted=${() => page.go("#/jobs")}
      />
    `}
  `;
}

function Facts({ job, transcript }) {
  const { t, language } = usePage();
  const heard = transcript?.language || (job.language === "auto" ? "" : job.language);
  const facts = [job.name && t.moment(Date.parse(job.created_at)), job.duration !== null && clock(job.duration)];
  if (heard) facts.push(capitalised(languageName(language, heard), language));
  if (job.task === "translate") facts.push(t("job.translated"));
  return html`
    <p class="row-facts">
      ${job.state !== "done" && html`<${State} state=${job.state} />`}
      ${facts.filter(Boolean).map((fact) => html`<span key=${fact}>${fact}</span>`)}
    </p>
  `;
}

// A file that this browser does not send: it may go on here, where it comes in parts.
function Unfinished({ job, name }) {
  const { t, key, uploads } = usePage();
  const input = useRef(null);
  const [plan, setPlan] = useState(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    api.uploadOf(key, job.id, { signal: stop.signal }).then(setPlan, () => {}); // what is wrong is said where the job is asked for
    return () => stop.abort();
  }, [key, job.id]);
  const choose = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    setWrong("");
    try {
      const now = await api.uploadOf(key, job.id);
      await uploads.adopt({ id: job.id, name }, now, file);
    } catch (problem) {
      setWrong(problem.code === "other_file" ? t("job.unfinished.other") : problem.sentence(t));
    }
  };
  const inParts = plan?.parts !== undefined;
  return html`
    <${Notice}
      kind="warn"
      title=${t("job.unfinished")}
      actions=${inParts && html`
        <button type="button" class="button" onClick=${() => input.current.click()}>${t("uploads.choose")}</button>
        <input ref=${input} type="file" hidden aria-label=${t("uploads.choose")} onChange=${choose} />
      `}
    >
      ${plan && html`<p>${t(inParts ? "job.unfinished.text" : "job.unfinished.form")}</p>`}
      ${wrong && html`<p class="field-error" role="alert">${wrong}</p>`}
    <//>
  `;
}

function Progress({ job, onCancel }) {
  const { t } = usePage();
  const words = [];
  if (job.state === "queued" && job.position !== null) words.push(job.position ? t("job.place", { count: job.position }) : t("job.next"));
  if (job.expected_seconds !== null) words.push(job.expected_seconds < 1 ? t("job.soon") : t("job.expected", { span: span(t, job.expected_seconds) }));
  const known = job.state === "working" && job.progress > 0;
  return html`
    <section class="card progress" aria-label=${t(`state.${job.state}`)}>
      <div class="upload-head">
        <p class="grow">${words.join(" ") || t(`state.${job.state}`)} ${known && html`<strong>${percent(t, job.progress)}</strong>`}</p>
        <button type="button" class="button quiet danger" onClick=${onCancel}>${t("job.cancel")}</button>
      </div>
      <${Bar} label=${t("job.progress")} value=${known ? job.progress : null} still=${job.state === "queued"} />
      <p class="hint">${t("job.close")}</p>
    </section>
  `;
}

function Text({ job, text, sound }) {
  const page = usePage();
  const { t } = page;
  const { transcript, complete } = text;
  if (!transcript) return null;
  if (complete && isSilent(transcript)) {
    return html`
      <${Notice} kind="note" title=${t("job.silent")} actions=${html`<a class="button" href="#/">${t("job.again")}</a>`}><p>${t("job.silent.text")}</p><//>
    `;
  }
  if (!complete && isSilent(transcript)) return null;
  const correct = async (corrections) => {
    const answer = await api.correct(page.key, job.id, corrections);
    text.again();
    return answer.corrections;
  };
  return html`
    <${Later} load=${loadView} part="TranscriptView" t=${t} job=${job} transcript=${transcript} sound=${sound} complete=${complete} onCorrect=${correct} readOnly=${!complete} />
  `;
}

