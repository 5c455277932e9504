// A link that shows one transcript to whoever has it: made for some days, copied, taken back; and what it opens.

import * as api from "./api.js";
import { capitalised, clock, languageName } from "./format.js";
import { isSilent } from "./job.js";
import { Later } from "./later.js";
import { Dialog, Icon, Loading, Notice, ProblemNotice, Title } from "./widgets.js";
import { html, useEffect, usePage, useRef, useState } from "./ui.js";

const DAYS = [1, 7, 30];
const USUAL_DAYS = 7;

export const linkOf = (token) => `${document.baseURI.replace(/[#?].*$/, "")}#shared=${token}`;

export function ShareDialog({ job, onClose }) {
  const page = usePage();
  const { t } = page;
  const [until, setUntil] = useState(undefined); // undefined: not known yet; null: there is none
  const [token, setToken] = useState(() => page.shareOf(job.id));
  const [days, setDays] = useState(USUAL_DAYS);
  const [problem, setProblem] = useState(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const link = useRef(null);
  useEffect(() => {
    api.shareOf(page.key, job.id).then(
      (found) => setUntil(found.expires_at),
      (error) => (error.code === "not_found" ? setUntil(null) : setProblem(error)),
    );
  }, []);
  const doing = (work) => async () => {
    setBusy(true);
    setProblem(null);
    setSaid("");
    try {
      await work();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const make = doing(async () => {
    const made = await api.share(page.key, job.id, days);
    page.keepShare(job.id, made.token);
    setToken(made.token);
    setUntil(made.expires_at);
    setSaid(t("share.made"));
  });
  const revoke = doing(async () => {
    await api.unshare(page.key, job.id);
    page.forgetShare(job.id);
    setToken(null);
    setUntil(null);
    setSaid(t("share.revoked"));
  });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(linkOf(token));
    } catch {
      link.current.select();
      document.execCommand("copy"); // a page without https has no other way
    }
    setSaid(t("app.copied"));
  };
  const shown = until && token;
  return html`
    <${Dialog} title=${t("share.title")} onClose=${onClose}>
      <p>${t("share.text")}</p>
      ${until === undefined && !problem && html`<${Loading} />`}
      ${shown && html`
        <div class="field">
          <label for="share-link">${t("share.link")}</label>
          <div class="joined">
            <input id="share-link" ref=${link} type="text" readonly value=${linkOf(token)} onFocus=${(event) => event.target.select()} />
            <button type="button" class="button primary" onClick=${copy}><${Icon} name="copy" />${t("share.copy")}</button>
          </div>
        </div>
      `}
      ${until && html`<p>${t("share.until", { when: t.moment(Date.parse(until)) })}</p>`}
      ${until && !token && html`<p>${t("share.exists")}</p>`}
      ${until !== undefined && !shown && html`
        <fieldset class="choices">
          <legend>${t("share.days")}</legend>
          ${DAYS.map((each) => html`
            <label class="choice" key=${each}>
              <input type="radio" name="share-days" checked=${days === each} onChange=${() => setDays(each)} />${t("share.for", { count: each })}
            </label>
          `)}
        </fieldset>
      `}
      <p class="said" role="status">${said}</p>
      ${problem && html`<${ProblemNotice} problem=${problem} />`}
      ${until !== undefined && html`
        <div class="actions end">
          ${until && html`<button type="button" class="button danger" disabled=${busy} onClick=${revoke}>${t("share.revoke")}</button>`}
          ${!shown && html`<button type="button" class="button primary" disabled=${busy} onClick=${make}>${t(until ? "share.again" : "share.make")}</button>`}
        </div>
      `}
    <//>
  `;
}

// What a link opens: one transcript, to be read, searched and copied, without a key.
export function SharedPage({ token }) {
  const { t, language } = usePage();
  const [transcript, setTranscript] = useState(null);
  const [problem, setProblem] = useState(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setProblem(null);
    api.shared(token, "verbose_json", { signal: stop.signal }).then(
      async (response) => setTranscript(await response.json()),
      (error) => !stop.signal.aborted && setProblem(error),
    );
    return () => stop.abort();
  }, [token, asked]);
  const gone = problem !== null && [401, 403, 404, 422].includes(problem.status);
  if (gone) {
    return html`
      <${Title} text=${t("shared.gone")} />
      <${Notice} kind="warn" actions=${html`<a class="button" href="#/">${t("app.home")}</a>`}><p>${t("shared.gone.text")}</p><//>
    `;
  }
  const facts = transcript ? [clock(transcript.duration), transcript.language && capitalised(languageName(language, transcript.language), language)] : [];
  return html`
    <div class="job-head">
      <div class="grow">
        <${Title} text=${t("shared.title")} />
        <p class="row-facts"><span>${t("shared.from")}</span>${facts.filter(Boolean).map((fact) => html`<span key=${fact}>${fact}</span>`)}</p>
      </div>
    </div>
    ${problem && html`<${ProblemNotice} problem=${problem} onRetry=${() => setAsked(asked + 1)} />`}
    ${!transcript && !problem && html`<${Loading} />`}
    ${transcript && isSilent(transcript) && html`<${Notice}><p>${t("job.silent")}</p><//>`}
    ${transcript && !isSilent(transcript) && html`
      <${Later}
        load=${() => import("./transcript.js")}
        part="TranscriptView"
        t=${t}
        job=${{ id: "shared", name: "", duration: transcript.duration, language: transcript.language, task: transcript.task }}
        transcript=${transcript}
        sound=${null}
        complete=${true}
        readOnly=${true}
        fetchAs=${async (format) => (await api.shared(token, format)).text()}
      />
    `}
  `;
}
