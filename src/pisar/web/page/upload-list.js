// The uploads of this tab, and those that an earlier visit left unfinished.

import { COMPLETING, CREATING, FAILED, OFFLINE, PAUSED, SENDING, WAITING } from "./uploads.js";
import { percent, size, span } from "./format.js";
import { Bar, ProblemNotice, SignButton } from "./widgets.js";
import { html, usePage, useRef, useStore, useState } from "./ui.js";

export function UploadList() {
  const { t, uploads } = usePage();
  useStore(uploads);
  if (!uploads.list.length) return null;
  return html`
    <section aria-labelledby="uploads-title">
      <h2 id="uploads-title">${t("uploads.title")}</h2>
      <ul class="rows">
        ${uploads.list.map((each) => html`<li key=${each.number} class="row"><${UploadRow} upload=${each} /></li>`)}
      </ul>
    </section>
  `;
}

export function uploadWords(t, upload) {
  const done = percent(t, upload.share);
  if (upload.left) return t(upload.file ? "uploads.left" : "uploads.left.file", { size: size(t, upload.bytes) });
  if (upload.state === WAITING) return t("uploads.waiting");
  if (upload.state === CREATING) return t("uploads.creating");
  if (upload.state === COMPLETING) return t("uploads.completing");
  if (upload.state === PAUSED) return t("uploads.paused", { percent: done });
  if (upload.state === OFFLINE) return t("uploads.offline", { percent: done });
  if (upload.state === SENDING) {
    const [speed, left] = [upload.meter.speed(), upload.secondsLeft];
    if (speed === null || left === null) return t("uploads.sending.first", { percent: done });
    return t("uploads.sending", { percent: done, speed: size(t, speed), left: span(t, left) });
  }
  return "";
}

// One upload: its name unless the page names it already, how far it is, and what can be done.
export function UploadRow({ upload, named = true }) {
  const page = usePage();
  const { t, uploads } = page;
  const input = useRef(null);
  const [wrong, setWrong] = useState(null);
  const choose = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      uploads.take(upload, file);
      setWrong(null);
    } catch (problem) {
      setWrong(problem);
    }
  };
  const { name } = upload;
  const stopped = upload.state === PAUSED || upload.state === FAILED;
  const needsFile = !upload.file || upload.problem?.code === "unreadable";
  const bare = upload.left || upload.state === WAITING;
  return html`
    <div class="upload">
      <div class="upload-head">
        <div class="grow">
          ${named && html`<p class="row-name">${upload.jobId ? html`<a href=${`#/jobs/${upload.jobId}`}>${name}</a>` : name}</p>`}
          ${upload.state !== FAILED && html`<p class="hint">${uploadWords(t, upload)}</p>`}
        </div>
        ${upload.moves && upload.state !== COMPLETING && html`
          <${SignButton} icon="pause" label=${t("uploads.pause.of", { name })} onClick=${() => uploads.pause(upload)} />
        `}
        ${stopped && !needsFile && upload.state !== FAILED && html`
          <button type="button" class="button" aria-label=${t("uploads.resume.of", { name })} onClick=${() => uploads.start(upload)}>${t("uploads.resume")}</button>
        `}
        ${stopped && needsFile && html`
          <button type="button" class="button" onClick=${() => input.current.click()}>${t("uploads.choose")}</button>
          <input ref=${input} type="file" hidden aria-label=${t("uploads.choose")} onChange=${choose} />
        `}
        <${SignButton} icon="close" label=${t("uploads.cancel.of", { name })} onClick=${() => uploads.cancel(upload)} />
      </div>
      ${!bare && upload.state !== FAILED && html`
        <${Bar} label=${t("uploads.whole", { name })} value=${upload.state === CREATING ? null : upload.share} still=${upload.state === PAUSED || upload.state === OFFLINE} />
      `}
      ${upload.state === FAILED && html`
        <${ProblemNotice} problem=${upload.problem} onRetry=${needsFile ? undefined : () => uploads.start(upload)} />
      `}
      ${wrong && html`
        <p class="field-error" role="alert">${wrong.sentence(t, { name, size: size(t, upload.bytes) })}</p>
      `}
    </div>
  `;
}

