// Records from the microphone. Each second of it is kept in the browser at once: who closes the tab finds it again.
//
// The rule: nothing that was spoken is lost without the person's word. A microphone that is refused, missing or pulled out is said in words,
// with what can be done.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";
import { Confirm, Icon, Notice } from "./widgets.js";
import { Player, useSound } from "./player.js";
import { addPiece, beginRecording, forgetRecording, holdRecording, recordingOf, unfinishedRecordings } from "./sounds.js";
import { clock } from "./words.js";

const PIECE_MS = 1000;
const BITS_PER_SECOND = 64_000; // of one voice: half a megabyte a minute
const MICROPHONE = "pisar.microphone";

// The first that a browser can is taken: Opus is small and clear, Safari writes AAC.
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm"];

export const bestType = () => TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";

const endingOf = (type) => (type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm");

// Why there is no recording here at all, or null.
export function obstacle() {
  if (!globalThis.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return "unsupported";
  return null;
}

const REFUSALS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

// ── the level ──

const SILENT_DB = -60;
const QUIET_DB = -45;
const LOUDEST_DB = -0.5;
const BARS = 64;
const BAR_MS = 60;
const SILENCE_MS = 4000;

// How loud a stretch of samples is, in decibels below the loudest: its root mean square, and its peak.
export function loudness(samples) {
  let [squares, peak] = [0, 0];
  for (const sample of samples) {
    squares += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  const decibels = (value) => 20 * Math.log10(Math.max(value, 1e-5));
  return { level: decibels(Math.sqrt(squares / samples.length)), peak: decibels(peak) };
}

export const levelName = ({ level, peak }) => {
  if (peak >= LOUDEST_DB) return "loud";
  if (level < SILENT_DB) return "silent";
  return level < QUIET_DB ? "quiet" : "good";
};

// Decibels as a share of what is drawn.
const share = (level) => Math.min(1, Math.max(0, (level - SILENT_DB) / (-10 - SILENT_DB)));

// ── one recording ──

// `on.change()`: something is otherwise. `on.kept(why)`: whether the browser keeps the pieces.
class Recording {
  constructor(stream, type, on) {
    this.stream = stream;
    this.on = on;
    this.pieces = [];
    this.written = Promise.resolve();
    this.passed = 0;
    this.since = null;
    this.lost = false;
    this.recorder = new MediaRecorder(stream, { ...(type && { mimeType: type }), audioBitsPerSecond: BITS_PER_SECOND });
    this.recorder.ondataavailable = ({ data }) => data.size && this._take(data);
    this.recorder.onerror = () => this._lose();
    for (const track of stream.getAudioTracks()) track.onended = () => this._lose();
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(stream).connect(this.analyser);
  }

  get type() {
    return this.recorder.mimeType;
  }

  get seconds() {
    return (this.passed + (this.since === null ? 0 : performance.now() - this.since)) / 1000;
  }

  get paused() {
    return this.recorder.state === "paused";
  }

  async start() {
    const kept = await beginRecording(this.recorder.mimeType || "audio/webm");
    this.id = kept.id;
    this.release = kept.release;
    this.recorder.start(PIECE_MS);
    this.since = performance.now();
    this._stayAwake();
  }

  pause() {
    this.recorder.pause();
    this.recorder.requestData();
    this.passed += performance.now() - this.since;
    this.since = null;
    this.on.change();
  }

  resume() {
    this.recorder.resume();
    this.since = performance.now();
    this.on.change();
  }

  // Ends it and returns the sound, once the last piece is kept.
  async stop() {
    if (this.since !== null) this.passed += performance.now() - this.since;
    this.since = null;
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => {
        this.recorder.onstop = resolve;
      });
      this.recorder.stop();
      await stopped;
    }
    await this.written;
    this.close();
    return new Blob(this.pieces, { type: this.type });
  }

  // Lets go of the microphone; the pieces stay.
  close() {
    for (const track of this.stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    this.context.close().catch(() => {});
    this.awake?.release().catch(() => {});
  }

  heard() {
    this.analyser.getFloatTimeDomainData(this.samples);
    return loudness(this.samples);
  }

  _take(piece) {
    const number = this.pieces.push(piece) - 1;
    const { seconds } = this;
    this.written = this.written.then(() => addPiece(this.id, number, piece, seconds)).then((why) => this.on.kept(why));
  }

  _lose() {
    if (this.lost) return;
    this.lost = true;
    this.on.change();
  }

  // A phone that falls asleep stops to record.
  async _stayAwake() {
    try {
      this.awake = await navigator.wakeLock?.request("screen");
    } catch {
      // not now, or not in this browser
    }
  }
}

// ── the component ──

// `onDone(blob, name)`: the recording is to be transcribed. What it returns is awaited: once it is fulfilled the browser's copy is forgotten.
// `begin`: whether to record at once.
export function Recorder({ t, onDone, begin = false }) {
  const [state, set] = useState({ is: "idle" });
  const [left, setLeft] = useState([]);
  const [unkept, setUnkept] = useState(null);
  const [asking, ask] = useState(null); // what is to be discarded, once confirmed
  const [, draw] = useState(0);
  const microphones = useMicrophones(state.is);
  const recording = state.is === "recording" ? state.recording : null;
  const now = useRef(null);
  now.current = state;

  const look = () => unfinishedRecordings().then(setLeft);
  useEffect(() => {
    look();
    if (begin) start();
    return () => leave(now.current);
  }, []);

  useEffect(() => {
    if (!recording) return undefined;
    const warn = (event) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [recording]);

  useEffect(() => {
    if (recording?.lost) stop();
  });

  const start = async () => {
    const why = obstacle();
    if (why) {
      set({ is: "idle", why });
      return;
    }
    set({ is: "opening" });
    try {
      const stream = await openMicrophone(microphones.chosen);
      const begun = new Recording(stream, bestType(), { change: () => draw((count) => count + 1), kept: setUnkept });
      await begun.start();
      set({ is: "recording", recording: begun });
    } catch (error) {
      set({ is: "idle", why: REFUSALS[error.name] ?? "broken" });
    }
  };

  const stop = async () => {
    const { id, seconds, lost, release } = recording;
    set({ is: "closing" });
    const blob = await recording.stop();
    set({ is: "ready", id, blob, seconds, lost, release, at: Date.now() });
  };

  const send = async ({ id, blob, at, release }) => {
    set((before) => ({ ...before, is: "sending" }));
    try {
      await onDone(blob, `${t("record.name", { when: stamp(at) })}.${endingOf(blob.type)}`);
      await forgetRecording(id);
      release();
      set({ is: "idle" });
    } catch (problem) {
      set((before) => ({ ...before, is: "ready", problem }));
    }
    look();
  };

  const discard = async () => {
    const { id, release } = asking;
    ask(null);
    if (recording) await recording.stop();
    await forgetRecording(id);
    release?.();
    setUnkept(null);
    if (recording || state.id === id) set({ is: "idle" });
    look();
  };

  const open = async (kept) => {
    const release = await holdRecording(kept.id);
    const blob = await recordingOf(kept);
    if (blob) {
      set({ is: "ready", ...kept, blob, release });
      return;
    }
    await forgetRecording(kept.id);
    release();
    look();
  };

  return html`
    <section class="recorder" aria-label=${t("record.label")}>
      ${(state.is === "idle" || state.is === "opening") &&
      html`
        <button type="button" class="button record-start" disabled=${state.is === "opening"} onClick=${start}>
          <${Icon} name="mic" /> ${t(state.is === "opening" ? "record.opening" : "record.start")}
        </button>
        <${Microphones} t=${t} microphones=${microphones} />
        ${state.why && html`<${Notice} kind="bad" title=${t(`record.no.${state.why}`)}><p>${t(`record.way.${state.why}`)}</p><//>`}
        ${left.map((kept) => html`<${Left} key=${kept.id} t=${t} kept=${kept} open=${open} discard=${ask} />`)}
      `}
      ${recording && html`<${Running} t=${t} recording=${recording} microphones=${microphones} stop=${stop} discard=${ask} />`}
      ${unkept && recording && html`<${Notice} kind="warn"><p>${t("record.unkept")}</p><//>`}
      ${(state.is === "ready" || state.is === "sending") &&
      html`<${Ready} t=${t} made=${state} send=${send} discard=${ask} busy=${state.is === "sending"} />`}
      ${asking &&
      html`
        <${Confirm}
          title=${t("record.discard.title")}
          text=${t("record.discard.text", { time: clock(asking.seconds) })}
          yes=${t("record.discard.yes")}
          no=${t("record.discard.no")}
          onYes=${discard}
          onClose=${() => ask(null)}
        />
      `}
    </section>
  `;
}

// The view was left: what is not under way to the server is kept, and offered again.
async function leave({ is, recording, release }) {
  if (is === "recording") {
    await recording.stop();
    recording.release();
  } else if (is === "ready") release();
}

async function openMicrophone(id) {
  const audio = { channelCount: 1, autoGainControl: true, ...(id && { deviceId: { exact: id } }) };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    // The chosen one is not plugged in today: another is better than none.
    if (!id || !["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
    return navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId: undefined } });
  }
}

// 2026-11-30 14.05: sorts, and is a file's name everywhere.
function stamp(milliseconds) {
  const at = new Date(milliseconds);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}`;
}

// ── which microphone ──

// The list is empty until the microphone was allowed once: before that browsers give no names.
function useMicrophones(moment) {
  const [list, setList] = useState([]);
  const [chosen, set] = useState(() => {
    try {
      return localStorage.getItem(MICROPHONE) ?? "";
    } catch {
      return "";
    }
  });
  useEffect(() => {
    const { mediaDevices } = navigator;
    if (!mediaDevices?.enumerateDevices) return undefined;
    const look = async () => {
      const all = await mediaDevices.enumerateDevices().catch(() => []);
      setList(all.filter(({ kind, label, deviceId }) => kind === "audioinput" && label && deviceId));
    };
    look();
    mediaDevices.addEventListener?.("devicechange", look);
    return () => mediaDevices.removeEventListener?.("devicechange", look);
  }, [moment]);
  const choose = (id) => {
    try {
      localStorage.setItem(MICROPHONE, id);
    } catch {
      // for this time only
    }
    set(id);
  };
  return { list, chosen: list.some(({ deviceId }) => deviceId === chosen) ? chosen : "", choose };
}

function Microphones({ t, microphones }) {
  const { list, chosen, choose } = microphones;
  if (list.length < 2) return null;
  return html`
    <label class="record-microphone">
      <span>${t("record.microphone")}</span>
      <select value=${chosen || list[0].deviceId} onChange=${(event) => choose(event.target.value)}>
        ${list.map(({ deviceId, label }) => html`<option key=${deviceId} value=${deviceId}>${label}</option>`)}
      </select>
    </label>
  `;
}

// ── while it records ──

function Running({ t, recording, stop, discard }) {
  const [seconds, tick] = useState(0);
  const [level, setLevel] = useState("good");
  const [silent, setSilent] = useState(false);
  const canvas = useRef(null);
  const main = useRef(null);
  const { paused } = recording;

  useLayoutEffect(() => main.current?.focus(), []);

  useEffect(() => {
    const bars = [];
    let [frame, drawnAt, told, spokenAt] = [0, 0, 0, performance.now()];
    const draw = (at) => {
      frame = requestAnimationFrame(draw);
      if (at - drawnAt < BAR_MS) return;
      drawnAt = at;
      const heard = recording.heard();
      if (!recording.paused) bars.push(share(heard.level));
      bars.splice(0, bars.length - BARS);
      paint(canvas.current, bars);
      if (heard.level >= SILENT_DB || recording.paused) spokenAt = at;
      if (at - told < 500) return;
      told = at;
      tick(Math.floor(recording.seconds));
      setLevel(levelName(heard));
      setSilent(at - spokenAt > SILENCE_MS);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [recording]);

  return html`
    <div class=${`recording${paused ? " paused" : ""}`}>
      <div class="recording-head">
        <span class="recording-sign" aria-hidden="true"></span>
        <span role="status">${t(paused ? "record.paused" : "record.running")}</span>
        <span class="recording-time" role="timer" aria-label=${t("record.time")}>${clock(paused ? Math.floor(recording.seconds) : seconds)}</span>
      </div>
      <canvas
        ref=${canvas}
        class="recording-level"
        role="meter"
        aria-label=${t("record.level")}
        aria-valuemin="0"
        aria-valuemax="3"
        aria-valuenow=${["silent", "quiet", "good", "loud"].indexOf(level)}
        aria-valuetext=${t(`record.level.${level}`)}
      ></canvas>
      <p class="recording-said" role="status">
        ${silent ? t("record.silence") : level === "loud" ? t("record.level.loud.way") : ""}
      </p>
      <div class="actions">
        <button ref=${main} type="button" class="button primary" onClick=${stop}><${Icon} name="stop" /> ${t("record.stop")}</button>
        <button type="button" class="button" onClick=${() => (paused ? recording.resume() : recording.pause())}>
          <${Icon} name=${paused ? "mic" : "pause"} /> ${t(paused ? "record.resume" : "record.pause")}
        </button>
        <button
          type="button"
          class="button quiet danger"
          onClick=${() => discard(recording)}
        >
          ${t("record.discard")}
        </button>
      </div>
    </div>
  `;
}

// Draws the last levels as bars, the newest at the right.
function paint(canvas, bars) {
  if (!canvas) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = getComputedStyle(canvas).color;
  const step = width / BARS;
  const thick = Math.max(2, step * 0.55);
  bars.forEach((value, number) => {
    const tall = Math.max(3, value * height);
    const left = width - (bars.length - number) * step;
    pen.beginPath();
    pen.roundRect(left, (height - tall) / 2, thick, tall, thick / 2);
    pen.fill();
  });
}

// ── once it is recorded ──

function Ready({ t, made, send, discard, busy }) {
  const sound = useSound(made.blob, made.seconds, t("record.label"));
  const main = useRef(null);
  useLayoutEffect(() => main.current?.focus(), []);
  return html`
    <div class="recorded">
      ${made.lost && html`<${Notice} kind="warn"><p>${t("record.lost")}</p><//>`}
      ${made.problem && html`<${Notice} kind="bad"><p>${made.problem.sentence?.(t) ?? t("record.unsent")}</p><//>`}
      ${made.blob.size === 0 && html`<${Notice} kind="bad"><p>${t("record.empty")}</p><//>`}
      <p class="recorded-head" role="status">${t("record.ready", { time: clock(made.seconds) })}</p>
      ${sound && html`<${Player} t=${t} sound=${sound} />`}
      <div class="actions">
        <button ref=${main} type="button" class="button primary" disabled=${busy || !made.blob.size} onClick=${() => send(made)}>
          ${t(busy ? "record.sending" : "record.send")}
        </button>
        <button type="button" class="button quiet danger" disabled=${busy} onClick=${() => discard(made)}>${t("record.discard")}</button>
      </div>
    </div>
  `;
}

// A recording of an earlier visit.
function Left({ t, kept, open, discard }) {
  const actions = html`
    <button type="button" class="button" onClick=${() => open(kept)}>${t("record.left.open")}</button>
    <button type="button" class="button quiet danger" onClick=${() => discard(kept)}>${t("record.discard")}</button>
  `;
  return html`
    <${Notice} title=${t("record.left.title")} actions=${actions}>
      <p>${t("record.left.text", { when: t.moment(kept.at), time: clock(kept.seconds) })}</p>
    <//>
  `;
}
