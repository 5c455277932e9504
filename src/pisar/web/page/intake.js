// Where recordings come in: dropped, chosen, pasted or spoken, and how they are to be transcribed.

import { AUTO, CODES, OFTEN } from "./languages.js";
import { chosen, dropped, isDoubtful } from "./files.js";
import { capitalised, languageName, size, span } from "./format.js";
import { Icon, Notice, Title } from "./widgets.js";
import { RecentJobs } from "./jobs.js";
import { UploadList } from "./upload-list.js";
import { Later } from "./later.js";
import { unfinishedRecordings } from "./sounds.js";
import { html, useEffect, useMemo, useRef, usePage, useState } from "./ui.js";

const OPTIONS = "pisar.options";
const NAMES_SHOWN = 3;

const typedNow = (target) => target instanceof Element && target.closest("input, textarea, [contenteditable]") !== null;

export function savedOptions(store = globalThis.localStorage) {
  const usual = { language: AUTO, words: "", translate: false };
  try {
    const { language, words, translate } = { ...usual, ...JSON.parse(store.getItem(OPTIONS) ?? "{}") };
    return {
      language: language === AUTO || CODES.includes(language) ? language : AUTO,
      words: typeof words === "string" ? words : "",
      translate: translate === true,
    };
  } catch {
    return usual;
  }
}

// The options as `POST /jobs` takes them.
export function asked({ language, words, translate }) {
  const fields = { language };
  if (words.trim()) fields.prompt = words.trim();
  if (translate) fields.task = "translate";
  return fields;
}

// Takes what is dropped anywhere on the page and what is pasted; `onFiles({files, hidden})`. Says whether something is held over it.
export function useDrops(onFiles) {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    let depth = 0;
    const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const enter = (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event) => {
      if (!brings(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) setOver(false);
    };
    const hold = (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    };
    const drop = (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      dropped(event.dataTransfer).then((found) => take.current(found));
    };
    const paste = (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || typedNow(event.target)) return;
      event.preventDefault();
      take.current(chosen(files));
    };
    const all = { dragenter: enter, dragleave: leave, dragover: hold, drop, paste };
    for (const [name, listener] of Object.entries(all)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(all)) removeEventListener(name, listener);
    };
  }, []);
  return over;
}

export function Intake() {
  const page = usePage();
  const { t } = page;
  const [recording, setRecording] = useState(null); // "begin": by a press; "left": one of an earlier visit is offered
  useEffect(() => {
    unfinishedRecordings().then((left) => left.length && setRecording((now) => now ?? "left"));
  }, []);
  return html`
    <${Title} text=${t("intake.title")} />
    <section class="card" aria-label=${t("intake.title")}>
      <${Drop} recording=${recording !== null} onRecord=${() => setRecording(recording ? null : "begin")} />
      ${recording && html`
        <${Later} load=${() => import("./recorder.js")} part="Recorder" t=${t} begin=${recording === "begin"} onDone=${async (blob, name) => {
          const made = page.addFiles({ files: [{ file: blob, name }], hidden: 0 });
          setRecording(null);
          await Promise.all(made.map((upload) => upload.kept)); // until then the recorder's own copy stays
        }} />
      `}
      <${Options} />
    </section>
    <${Doubtful} />
    <${UploadList} />
    <${RecentJobs} />
  `;
}

function Drop({ recording, onRecord }) {
  const page = usePage();
  const { t, me } = page;
  const [files, folder] = [useRef(null), useRef(null)];
  const take = (event) => {
    const found = chosen([...event.target.files]);
    event.target.value = ""; // so that the same file may be chosen again
    page.addFiles(found);
  };
  return html`
    <div class=${`drop${page.over ? " over" : ""}`}>
      <${Icon} name="upload" />
      <p class="drop-title"><span class="by-hand">${page.over ? t("intake.let_go") : t("intake.drop")}</span><span class="by-touch">${t("intake.drop.touch")}</span></p>
      <div class="actions center">
        <button type="button" class="button primary" onClick=${() => files.current.click()}>${t("intake.choose")}</button>
        <button type="button" class="button by-hand" onClick=${() => folder.current.click()}><${Icon} name="folder" />${t("intake.folder")}</button>
        <button type="button" class="button" aria-expanded=${String(recording)} onClick=${onRecord}>
          <span class="red"><${Icon} name="mic" /></span>${recording ? t("intake.record.close") : t("intake.record")}
        </button>
      </div>
      ${me && html`
        <p class="hint">${t("intake.limits", { size: size(t, me.max_bytes), span: span(t, me.max_minutes * 60) })} <span class="by-hand">${t("intake.paste")}</span></p>
      `}
      <input ref=${files} type="file" multiple hidden aria-label=${t("intake.choose")} onChange=${take} />
      <input ref=${folder} type="file" webkitdirectory multiple hidden aria-label=${t("intake.folder")} onChange=${take} />
    </div>
  `;
}

function Options() {
  const { t, language, options, setOptions, me } = usePage();
  const names = useMemo(() => {
    const named = CODES.map((code) => ({ code, name: capitalised(languageName(language, code), language) }));
    return named.sort((one, other) => one.name.localeCompare(other.name, language));
  }, [language]);
  const nameOfCode = (code) => names.find((each) => each.code === code).name;
  return html`
    <div class="options" role="group" aria-label=${t("intake.options")}>
      <div class="field">
        <label for="language">${t("intake.language")}</label>
        <select id="language" value=${options.language} onChange=${(event) => setOptions({ ...options, language: event.target.value })}>
          <option value=${AUTO}>${t("intake.language.auto")}</option>
          <optgroup label=${t("intake.language.often")}>
            ${OFTEN.map((code) => html`<option value=${code} key=${code}>${nameOfCode(code)}</option>`)}
          </optgroup>
          <optgroup label=${t("intake.language.all")}>
            ${names.filter(({ code }) => !OFTEN.includes(code)).map(({ code, name }) => html`<option value=${code} key=${code}>${name}</option>`)}
          </optgroup>
        </select>
        <label class="check">
          <input type="checkbox" checked=${options.translate} onChange=${(event) => setOptions({ ...options, translate: event.target.checked })} />
          ${t("intake.translate")}
        </label>
      </div>
      <div class="field">
        <label for="words">${t("intake.words")}</label>
        <textarea
          id="words"
          rows="2"
          maxlength=${me?.max_words_characters ?? 10000}
          aria-describedby="words-hint"
          value=${options.words}
          onInput=${(event) => setOptions({ ...options, words: event.target.value })}
        ></textarea>
        <p class="hint" id="words-hint">${t("intake.words.hint")}</p>
      </div>
    </div>
  `;
}

// What surely is no recording is said at once; the server judges where the person wants it.
function Doubtful() {
  const { t, doubtful, sendDoubtful, dropDoubtful } = usePage();
  if (!doubtful.length) return null;
  const names = doubtful.slice(0, NAMES_SHOWN).map(({ name }) => t("app.quoted", { name }));
  if (doubtful.length > NAMES_SHOWN) names.push(t("intake.doubtful.more", { n: doubtful.length - NAMES_SHOWN }));
  return html`
    <${Notice}
      kind="warn"
      actions=${html`
        <button type="button" class="button" onClick=${sendDoubtful}>${t("intake.doubtful.send")}</button>
        <button type="button" class="button quiet" onClick=${dropDoubtful}>${t("intake.doubtful.drop")}</button>
      `}
    >
      <p>${t("intake.doubtful", { count: doubtful.length, names: new Intl.ListFormat(t.language).format(names) })}</p>
    <//>
  `;
}

export function sorted(found) {
  const [good, doubtful] = [[], []];
  for (const each of found.files) {
    const { file, name } = each;
    (isDoubtful({ name, type: file.type, size: file.size }) ? doubtful : good).push(each);
  }
  return { good, doubtful };
}

