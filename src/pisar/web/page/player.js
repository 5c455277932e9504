// The sound of a recording: play and pause, back and forward, speed, a bar to seek in, keys. The sound is the browser's own copy.

import { html, listeners, useEffect, useMemo, useRef, useStore } from "./ui.js";
import { Icon, SignButton } from "./widgets.js";
import { clock } from "./words.js";

export const STEP_SECONDS = 5;
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

const SPEED = "pisar.speed";

function keptSpeed() {
  try {
    const speed = Number(localStorage.getItem(SPEED));
    return SPEEDS.includes(speed) ? speed : 1;
  } catch {
    return 1;
  }
}

// A store: `time`, `duration`, `playing`, `speed`, `broken` (the browser can't play this sound).
export class Sound {
  // `seconds`: how long the recording is. What a browser recorded itself does not say so.
  constructor(blob, seconds, name) {
    Object.assign(this, listeners());
    this.seconds = seconds;
    this.broken = false;
    this.until = null;
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.speed = keptSpeed();
    this.audio.defaultPlaybackRate = this.speed;
    this.url = URL.createObjectURL(blob);
    this.audio.src = this.url;
    for (const event of ["play", "pause", "timeupdate", "seeked", "durationchange", "ended", "ratechange"]) {
      this.audio.addEventListener(event, () => this._moved());
    }
    this.audio.addEventListener("error", () => {
      this.broken = true;
      this.tell();
    });
    this._announce(name);
  }

  get time() {
    return this.audio.currentTime;
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended;
  }

  get duration() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : this.seconds;
  }

  play() {
    if (this.broken) return;
    this.audio.play().catch(() => this.tell()); // interrupted by a pause, or not to be played: `error` says the latter
  }

  pause() {
    this.until = null;
    this.audio.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(time) {
    this.until = null;
    this.audio.currentTime = Math.min(Math.max(0, time), Math.max(0, this.duration));
    this.tell();
  }

  step(seconds) {
    this.seek(this.time + seconds);
  }

  playFrom(time) {
    this.seek(time);
    this.play();
  }

  // Plays a stretch and stops: for who corrects a word.
  playBetween(start, end) {
    this.playFrom(start);
    this.until = end;
  }

  choose(speed) {
    this.speed = speed;
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
    try {
      localStorage.setItem(SPEED, String(speed));
    } catch {
      // for this time only
    }
    this.tell();
  }

  faster(step) {
    const place = SPEEDS.indexOf(this.speed) + step;
    if (SPEEDS[place]) this.choose(SPEEDS[place]);
  }

  // Marks the passing time: calls `look(time)` before each frame while it plays, and after each jump. Returns how to stop.
  follow(look) {
    let frame = 0;
    const draw = () => {
      look(this.time);
      if (this.until !== null && this.time >= this.until) this.pause();
      frame = this.playing ? requestAnimationFrame(draw) : 0;
    };
    const start = () => {
      cancelAnimationFrame(frame);
      draw();
    };
    const stop = this.subscribe(start);
    start();
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }

  close() {
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    URL.revokeObjectURL(this.url);
    if (navigator.mediaSession?.metadata === this.metadata) this._silence();
  }

  _moved() {
    if (this.until !== null && this.time >= this.until) this.pause();
    this.tell();
  }

  // The keys of headphones and of the locked screen.
  _announce(title) {
    const { mediaSession } = navigator;
    if (!mediaSession || !globalThis.MediaMetadata) return;
    this.metadata = new MediaMetadata({ title });
    mediaSession.metadata = this.metadata;
    const actions = {
      play: () => this.play(),
      pause: () => this.pause(),
      seekbackward: ({ seekOffset }) => this.step(-(seekOffset ?? STEP_SECONDS)),
      seekforward: ({ seekOffset }) => this.step(seekOffset ?? STEP_SECONDS),
      seekto: ({ seekTime }) => this.seek(seekTime),
    };
    for (const [action, act] of Object.entries(actions)) setAction(action, act);
  }

  _silence() {
    navigator.mediaSession.metadata = null;
    for (const action of ["play", "pause", "seekbackward", "seekforward", "seekto"]) setAction(action, null);
  }
}

function setAction(action, act) {
  try {
    navigator.mediaSession.setActionHandler(action, act);
  } catch {
    // one that this browser has not
  }
}

// The sound of a blob for as long as the caller is drawn; null without one.
export function useSound(blob, seconds, name) {
  const sound = useMemo(() => (blob ? new Sound(blob, seconds, name) : null), [blob]);
  useEffect(() => () => sound?.close(), [sound]);
  useEffect(() => {
    if (sound) sound.seconds = seconds;
  }, [sound, seconds]);
  return sound;
}

export function Player({ t, sound }) {
  useStore(sound);
  const bar = useRef(null);
  const { time, duration, playing } = sound;
  const pressed = (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!step) return;
    event.preventDefault(); // the browser's own step is the bar's, a tenth of a second
    sound.step(step * STEP_SECONDS);
  };
  return html`
    <div class="player" role="group" aria-label=${t("player.label")}>
      <div class="player-seek">
        <span class="player-time" aria-hidden="true">${clock(time)}</span>
        <input
          ref=${bar}
          class="player-bar"
          type="range"
          min="0"
          max=${duration || 0}
          step="0.1"
          value=${Math.min(time, duration || 0)}
          aria-label=${t("player.seek")}
          aria-valuetext=${t("player.at", { time: clock(time), whole: clock(duration) })}
          onInput=${(event) => sound.seek(Number(event.target.value))}
          onKeyDown=${pressed}
        />
        <span class="player-time" aria-hidden="true">${clock(duration)}</span>
      </div>
      <div class="player-keys">
        <${SignButton} icon="back" label=${t("player.back")} onClick=${() => sound.step(-STEP_SECONDS)} />
        <button
          type="button"
          class="button icon primary player-main"
          aria-label=${t(playing ? "player.pause" : "player.play")}
          title=${t(playing ? "player.pause" : "player.play")}
          onClick=${() => sound.toggle()}
        >
          <${Icon} name=${playing ? "pause" : "play"} />
        </button>
        <${SignButton} icon="forward" label=${t("player.forward")} onClick=${() => sound.step(STEP_SECONDS)} />
        <label class="player-speed">
          <span class="unseen">${t("player.speed")}</span>
          <select value=${String(sound.speed)} onChange=${(event) => sound.choose(Number(event.target.value))}>
            ${SPEEDS.map((speed) => html`<option value=${String(speed)}>${t("player.times", { speed: t.number(speed) })}</option>`)}
          </select>
        </label>
      </div>
    </div>
  `;
}

// ── keys ──

const LETTERS_OFF = "pisar.keys";

export function keysAreOn() {
  try {
    return localStorage.getItem(LETTERS_OFF) !== "off";
  } catch {
    return true;
  }
}

// Single keys can be turned off: who dictates to the computer presses them by accident (WCAG 2.1.4).
export function turnKeys(on) {
  try {
    if (on) localStorage.removeItem(LETTERS_OFF);
    else localStorage.setItem(LETTERS_OFF, "off");
  } catch {
    // on, as at first
  }
}

const TYPING = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";
const PRESSED_BY_SPACE = "button, a[href], summary, input, select, textarea, [role=button]";

// What a key asks for, or null: {toggle, back, forward, slower, faster, search, help}. By the key's place, so that every layout has them.
export function meaningOf(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return null;
  const { target } = event;
  if (target.closest?.(TYPING) || document.querySelector("dialog[open]")) return null;
  if (event.key === "?") return "help";
  if (event.code === "Space") return target.closest?.(PRESSED_BY_SPACE) ? null : "toggle";
  if (event.code === "Comma" && event.shiftKey) return "slower";
  if (event.code === "Period" && event.shiftKey) return "faster";
  if (event.shiftKey) return null;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    return target.closest?.("[role=radiogroup], [role=tablist], input") ? null : event.key === "ArrowLeft" ? "back" : "forward";
  }
  return { KeyK: "toggle", KeyJ: "back", KeyL: "forward", Slash: "search" }[event.code] ?? null;
}
