// A text as people read, hear, search and correct it.
//
// The rule: the text comes first. Without its sound, without the server, or while it still grows, it is there to be read.

import { transcript as transcriptOf } from "./api.js";
import { html, render, useEffect, useLayoutEffect, useMemo, usePage, useRef, useState, useStore } from "./ui.js";
import { Dialog, Icon, Notice, SignButton } from "./widgets.js";
import { Corrections } from "./corrections.js";
import { Exports } from "./exports.js";
import { Player, keysAreOn, meaningOf, turnKeys, useSound, STEP_SECONDS } from "./player.js";
import { Search } from "./search.js";
import { keepSound, soundOf } from "./sounds.js";
import { Text } from "./text.js";
import { unitAt, unitsOf } from "./words.js";

const VIEW = "pisar.view";
const LISTEN_AROUND_SECONDS = 0.4;
const LONG_FIELD = 60; // letters, from which on a field has lines

// `job`: {id, name}. `transcript`: the server's verbose_json. `sound`: a Blob; without one it is looked for in this browser. `complete`: false
// while the text grows. `onCorrect(corrections)` sends corrections and raises a Problem. `readOnly`: nothing is corrected; a complete text that
// is so is one that was shared. `fetchAs(format)` gives the text in one of the API's formats; without it the job's is asked for.
export function TranscriptView({ t, job, transcript, sound, complete, onCorrect, readOnly, fetchAs }) {
  const root = useRef(null);
  const text = useRef(null);
  const field = useRef(null);
  const latest = useRef({});
  const [asCues, chooseCues] = useView();
  const [correcting, correct] = useState(false);
  const [edited, edit] = useState(null);
  const [away, setAway] = useState(false);
  const [helping, help] = useState(false);
  const [looking, look] = useState(false);
  const { key } = usePage();
  const shared = readOnly && complete;
  const ask = fetchAs ?? (async (format) => (await transcriptOf(key, job.id, { format })).text());

  const corrections = useMemo(() => new Corrections(job.id, (list) => latest.current.onCorrect(list)), [job.id]);
  useStore(corrections);
  useEffect(() => {
    if (readOnly) return undefined;
    corrections.start();
    return () => corrections.stop();
  }, [corrections, readOnly]);

  const units = useMemo(() => unitsOf(transcript), [transcript]);
  const shown = useMemo(() => {
    const all = units.map((unit) => corrections.shown(unit));
    return readOnly ? all.filter((unit) => unit.text) : all;
  }, [units, corrections, corrections.version, readOnly]);

  const [blob, take] = useBlob(job, sound, readOnly);
  const player = useSound(blob, transcript?.duration ?? 0, job.name ?? "");

  const canCorrect = complete && !readOnly;
  latest.current = { onCorrect, shown, player, correcting: correcting && canCorrect, canCorrect };

  useLayoutEffect(() => {
    const begin = (number) => {
      if (!latest.current.canCorrect) return;
      latest.current.player?.pause();
      edit(number);
    };
    text.current = new Text(root.current, {
      play: (number) => {
        if (latest.current.correcting) begin(number);
        else latest.current.player?.playFrom(latest.current.shown[number].start);
      },
      edit: begin,
      away: setAway,
    });
    return () => text.current.close();
  }, []);

  useLayoutEffect(() => text.current.show(shown, asCues), [shown, asCues]);

  useEffect(() => {
    if (!player) return undefined;
    return player.follow((time) => text.current.sound(time || player.playing ? unitAt(latest.current.shown, time) : -1));
  }, [player]);

  useEditor({ t, edited, edit, text, latest, corrections });
  useKeys({ player, field, help });

  const corrected = readOnly ? [] : shown.filter((unit) => unit.corrected);
  const language = transcript?.task === "translate" ? "en" : transcript?.language || undefined;

  return html`
    <section class="transcript" aria-label=${t("text.label")}>
      <div class="text-tools">
        <${Search} t=${t} text=${() => text.current} units=${shown} field=${field} />
        <${Views} t=${t} asCues=${asCues} choose=${chooseCues} />
        ${!readOnly &&
        html`
          <button
            type="button"
            class="button toggle"
            aria-pressed=${String(latest.current.correcting)}
            disabled=${!complete}
            title=${complete ? undefined : t("correct.later")}
            onClick=${() => correct(!correcting)}
          >
            <${Icon} name="pencil" /> ${t("correct.mode")}
          </button>
        `}
        <${SignButton} icon="keys" kind="quiet keys-button" label=${t("keys.title")} onClick=${() => help(true)} />
      </div>
      <${Exports} t=${t} job=${job} fetchAs=${ask} complete=${complete && shown.length > 0} unsaved=${corrections.waiting}>
        ${corrected.length > 0 &&
        html`
          <button type="button" class="button quiet" onClick=${() => look(true)}>${t("correct.count", { count: corrected.length })}</button>
        `}
      <//>
      <${NoSound} t=${t} blob=${blob} player=${player} take=${take} shared=${shared} />
      ${latest.current.correcting && html`<p class="text-hint">${t("correct.hint")}</p>`}
      <div
        class=${`text${latest.current.correcting ? " correcting" : ""}${player ? " heard" : ""}`}
        ref=${root}
        lang=${language}
        role="group"
        aria-label=${t("text.words")}
        aria-describedby="text-how"
      ></div>
      <p class="unseen" id="text-how">${t(player ? "text.how" : "text.how.silent")}</p>
      ${!complete && html`<p class="text-growing"><${Icon} name="wait" /> ${t(shown.length ? "text.growing" : "text.waiting")}</p>`}
      ${complete && !shown.length && html`<${Notice}><p>${t("text.silence")}</p><//>`}
      <${Foot} t=${t} text=${text} player=${player} away=${away} corrections=${corrections} />
      ${looking && html`<${Corrected} t=${t} units=${corrected} corrections=${corrections} onClose=${() => look(false)} />`}
      ${helping && html`<${Keys} t=${t} onClose=${() => help(false)} canCorrect=${!readOnly} />`}
    </section>
  `;
}

// ── what is remembered ──

function useView() {
  const [asCues, set] = useState(() => {
    try {
      return localStorage.getItem(VIEW) === "cues";
    } catch {
      return false;
    }
  });
  const choose = (chosen) => {
    try {
      localStorage.setItem(VIEW, chosen ? "cues" : "paragraphs");
    } catch {
      // for this time only
    }
    set(chosen);
  };
  return [asCues, choose];
}

// The sound: undefined while it is looked for, null where there is none; and what takes another file in its place.
function useBlob(job, given, readOnly) {
  const [found, find] = useState(undefined);
  const [taken, take] = useState(null);
  useEffect(() => {
    let left = false;
    take(null);
    find(undefined);
    if (given) find(given);
    else soundOf(job.id).then((blob) => left || find(blob));
    return () => {
      left = true;
    };
  }, [job.id, given]);
  const choose = (file) => {
    take(file);
    if (!readOnly) keepSound(job.id, file);
  };
  return [taken ?? found, choose];
}

// ── parts ──

const NOTHING = { subscribe: () => () => {} };

function Views({ t, asCues, choose }) {
  const option = (cues, name) => html`
    <label>
      <input type="radio" name="view" checked=${asCues === cues} onChange=${() => choose(cues)} />
      <span>${t(name)}</span>
    </label>
  `;
  return html`
    <fieldset class="switch">
      <legend class="unseen">${t("view.label")}</legend>
      ${option(false, "view.paragraphs")} ${option(true, "view.cues")}
    </fieldset>
  `;
}

// What stays at the window's foot.
function Foot({ t, text, player, away, corrections }) {
  useStore(player ?? NOTHING);
  return html`
    <div class="text-foot">
      <${Unsaved} t=${t} corrections=${corrections} />
      ${away && player?.playing &&
      html`
        <button type="button" class="button text-back" onClick=${() => text.current.follow()}>
          <${Icon} name="follow" /> ${t("text.follow")}
        </button>
      `}
      ${player && !player.broken && html`<${Player} t=${t} sound=${player} />`}
    </div>
  `;
}

function NoSound({ t, blob, player, take, shared }) {
  useStore(player ?? NOTHING);
  if (blob === undefined || (player && !player.broken)) return null;
  const chosen = (event) => {
    const [file] = event.target.files;
    if (file) take(file);
  };
  return html`
    <div class="no-sound" role="status">
      <p>${t(player ? "sound.broken" : shared ? "sound.shared" : "sound.none")}</p>
      <label class="button quiet file-choice">
        ${t("sound.choose")}
        <input class="unseen" type="file" accept="audio/*,video/*" onChange=${chosen} />
      </label>
    </div>
  `;
}

// What the server does not have yet, and why.
function Unsaved({ t, corrections }) {
  const { problem, waiting, stopped } = corrections;
  if (!problem || !waiting) return null;
  const again = html`<button type="button" class="button" onClick=${() => corrections.retry()}>${t("correct.again")}</button>`;
  const drop = html`<button type="button" class="button quiet danger" onClick=${() => corrections.drop()}>${t("correct.drop")}</button>`;
  return html`
    <${Notice} kind="warn" title=${t("correct.unsaved", { count: waiting })} actions=${html`${again} ${stopped && drop}`}>
      <p>${stopped ? problem.sentence?.(t) : t("correct.kept")}</p>
    <//>
  `;
}

// All that was corrected, to be looked over and taken back.
function Corrected({ t, units, corrections, onClose }) {
  useEffect(() => {
    if (!units.length) onClose();
  }, [units.length]);
  return html`
    <${Dialog} title=${t("correct.count", { count: units.length })} onClose=${onClose}>
      <ul class="corrected">
        ${units.map(
          (unit) => html`
            <li key=${`${unit.segment}:${unit.word}`}>
              <span class="corrected-words">
                <del>${unit.heard}</del> → ${unit.text ? html`<ins>${unit.text}</ins>` : html`<em>${t("correct.taken")}</em>`}
              </span>
              <button
                type="button"
                class="button quiet"
                aria-label=${t("correct.back.word", { word: unit.heard })}
                onClick=${() => corrections.put(unit, unit.heard)}
              >
                ${t("correct.back")}
              </button>
            </li>
          `,
        )}
      </ul>
    <//>
  `;
}

// ── correcting a word in its place ──

function useEditor({ t, edited, edit, text, latest, corrections }) {
  useLayoutEffect(() => {
    if (edited === null) return undefined;
    const unit = latest.current.shown[edited];
    if (!unit) return undefined;
    const host = document.createElement("span");
    host.className = "editor";
    const remove = text.current.insert(edited, host);
    let open = true;
    const end = (stay) => {
      if (!open) return;
      open = false;
      edit(null);
      if (stay) requestAnimationFrame(() => text.current.focus(edited));
    };
    const save = (typed, stay) => {
      const tidy = typed.trim().replace(/\s+/g, " ");
      if (open && tidy !== unit.text) corrections.put(unit, tidy);
      end(stay);
    };
    const listen = () => {
      const { player } = latest.current;
      player?.playBetween(Math.max(0, unit.start - LISTEN_AROUND_SECONDS), unit.end + LISTEN_AROUND_SECONDS);
    };
    const sounds = latest.current.player && !latest.current.player.broken;
    render(html`<${Editor} t=${t} unit=${unit} save=${save} drop=${() => end(true)} listen=${sounds ? listen : null} />`, host);
    return () => {
      render(null, host);
      remove();
    };
  }, [edited]);
}

function Editor({ t, unit, save, drop, listen }) {
  const field = useRef(null);
  const bar = useRef(null);
  useLayoutEffect(() => {
    field.current.value = unit.text;
    field.current.focus();
    field.current.select();
    place(bar.current);
  }, []);
  const pressed = (event) => {
    event.stopPropagation(); // the keys of the text and of the player are letters here
    if (event.key === "Escape") drop();
    else if (event.key === "Enter" && !event.isComposing && event.target === field.current) {
      event.preventDefault();
      save(field.current.value, true);
    }
  };
  const left = (event) => {
    const gone = !field.current || event.currentTarget.contains(event.relatedTarget) || !document.hasFocus();
    if (!gone) save(field.current.value, false);
  };
  const tag = unit.text.length > LONG_FIELD ? "textarea" : "input";
  const hold = (event) => event.preventDefault(); // the field keeps the focus
  return html`
    <span class="editor-in" onKeyDown=${pressed} onFocusOut=${left} onClick=${(event) => event.stopPropagation()}>
      <${tag}
        ref=${field}
        class="editor-field"
        size=${tag === "input" ? Math.max(4, unit.text.length + 1) : undefined}
        rows=${tag === "textarea" ? 4 : undefined}
        aria-label=${t("correct.field", { word: unit.heard })}
        enterkeyhint="done"
        autocapitalize="off"
        autocomplete="off"
        maxlength="2000"
      />
      <span class="editor-bar" ref=${bar}>
        <${SignButton} icon="check" label=${t("correct.save")} kind="primary" onPointerDown=${hold} onClick=${() => save(field.current.value, true)} />
        ${listen && html`<${SignButton} icon="play" label=${t("correct.listen")} onPointerDown=${hold} onClick=${listen} />`}
        <${SignButton} icon="close" label=${t("correct.cancel")} onPointerDown=${hold} onClick=${drop} />
        ${unit.corrected &&
        html`
          <button type="button" class="button quiet" onPointerDown=${hold} onClick=${() => save(unit.heard, true)}>
            ${t("correct.back.heard", { word: unit.heard })}
          </button>
        `}
      </span>
    </span>
  `;
}

// Keeps what hangs below a word within the window's width.
function place(bar) {
  const { left, right } = bar.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  if (right > width - 8) bar.style.setProperty("left", `${Math.max(8 - left, width - 8 - right)}px`);
}

// ── keys ──

function useKeys({ player, field, help }) {
  useEffect(() => {
    const actions = {
      toggle: () => player?.toggle(),
      back: () => player?.step(-STEP_SECONDS),
      forward: () => player?.step(STEP_SECONDS),
      slower: () => player?.faster(-1),
      faster: () => player?.faster(1),
      search: () => field.current?.focus(),
      help: () => help(true),
    };
    const pressed = (event) => {
      const meaning = keysAreOn() ? meaningOf(event) : null;
      if (!meaning || (!player && !["search", "help"].includes(meaning))) return;
      event.preventDefault();
      actions[meaning]();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [player]);
}

function Keys({ t, onClose, canCorrect }) {
  const [on, set] = useState(keysAreOn);
  const turn = (event) => {
    turnKeys(event.target.checked);
    set(event.target.checked);
  };
  const rows = [
    [["keys.space", "K"], "keys.toggle"],
    [["J", "←"], "keys.back"],
    [["L", "→"], "keys.forward"],
    [["<", ">"], "keys.speed"],
    [["/"], "keys.search"],
    [["?"], "keys.help"],
  ];
  const inText = [
    [["←", "→", "↑", "↓"], "keys.move"],
    [["Enter"], "keys.play"],
    ...(canCorrect ? [[["F2"], "keys.correct"], [["Enter"], "keys.save"], [["Esc"], "keys.drop"]] : []),
  ];
  const list = (all) => html`
    <dl class="keys">
      ${all.map(
        ([keys, does]) => html`
          <div>
            <dt>${keys.map((key) => html`<kbd>${t.has(key) ? t(key) : key}</kbd>`)}</dt>
            <dd>${t(does)}</dd>
          </div>
        `,
      )}
    </dl>
  `;
  return html`
    <${Dialog} title=${t("keys.title")} onClose=${onClose}>
      ${list(rows)}
      <h3 class="keys-head">${t("keys.in.text")}</h3>
      ${list(inText)}
      <label class="keys-on"><input type="checkbox" checked=${on} onChange=${turn} /> ${t("keys.on")}</label>
    <//>
  `;
}
