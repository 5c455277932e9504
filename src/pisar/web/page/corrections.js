// A person's corrections of one text: shown at once, sent to the server, and kept in the browser until it has them.

import { listeners } from "./ui.js";
import { keepCorrections, keptCorrections } from "./sounds.js";

const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 60_000;
const AT_ONCE = 100; // a request's body has a limit

const nameOf = ({ segment, word }) => `${segment}:${word ?? ""}`;

export class Corrections {
  // `send(list)` gives corrections to the server and raises a Problem; `id` is the job's.
  constructor(id, send) {
    Object.assign(this, listeners());
    this._id = id;
    this._send = send;
    this._waiting = new Map();
    this._sent = new Map();
    this._wait = FIRST_RETRY_MS;
    this.version = 0; // another number whenever something is shown otherwise
    this.problem = null; // the last one; null once all is sent
    this.stopped = false; // whether it waits for the person: trying again by itself would be refused again
    this._online = () => this.retry();
  }

  // Finds what was left over when the tab was closed, and sends it.
  async start() {
    addEventListener("online", this._online);
    for (const each of await keptCorrections(this._id)) if (!this._waiting.has(nameOf(each))) this._waiting.set(nameOf(each), each);
    this._show();
    this._flush();
  }

  stop() {
    this._ended = true;
    clearTimeout(this._timer);
    removeEventListener("online", this._online);
  }

  get waiting() {
    return this._waiting.size;
  }

  // A unit as it is shown: with `text`, `corrected` (it differs from what was heard) and `waiting` (the server does not have it).
  shown(unit) {
    const name = nameOf(unit);
    const found = this._waiting.get(name) ?? this._sent.get(name);
    const text = found ? (found.text ?? unit.heard) : unit.text;
    return { ...unit, text, corrected: text !== unit.heard, waiting: this._waiting.has(name) };
  }

  // Corrects a unit; "" takes it away, what was heard takes the correction back.
  put(unit, text) {
    const correction = { segment: unit.segment, ...(unit.word === null ? {} : { word: unit.word }), text: text === unit.heard ? null : text };
    this._waiting.set(nameOf(unit), correction);
    this.stopped = false;
    this._changed();
    this._flush();
  }

  retry() {
    this.stopped = false;
    this._wait = FIRST_RETRY_MS;
    this._flush();
  }

  // Gives up what the server does not have.
  drop() {
    this._waiting.clear();
    this.problem = null;
    this.stopped = false;
    this._changed();
  }

  _changed() {
    keepCorrections(this._id, [...this._waiting.values()]);
    this._show();
  }

  _show() {
    this.version += 1;
    this.tell();
  }

  async _flush() {
    clearTimeout(this._timer);
    if (this._sending || this.stopped || !this._waiting.size || this._ended) return;
    this._sending = true;
    try {
      await this._sendAll();
      this.problem = null;
      this._wait = FIRST_RETRY_MS;
    } catch (problem) {
      this.problem = problem;
      if (mayPass(problem)) this._later(problem);
      else this.stopped = true;
    } finally {
      this._sending = false;
      this._changed();
    }
  }

  async _sendAll() {
    let most = AT_ONCE;
    while (this._waiting.size) {
      const list = [...this._waiting.values()].slice(0, most);
      try {
        await this._send(list);
      } catch (problem) {
        if (list.length === 1 || problem.status !== 422) throw problem;
        most = 1; // one that is refused must not hold up the others
        continue;
      }
      for (const each of list) {
        const name = nameOf(each);
        if (this._waiting.get(name) === each) this._waiting.delete(name); // else it was corrected once more meanwhile
        this._sent.set(name, each);
      }
      this._changed();
    }
  }

  _later(problem) {
    const asked = (problem.retryAfter ?? 0) * 1000;
    this._timer = setTimeout(() => this._flush(), Math.max(asked, this._wait));
    this._wait = Math.min(2 * this._wait, LAST_RETRY_MS);
  }
}

// Whether the same may succeed later without anybody's doing: no network, a server that is busy, somebody who wrote at the same time.
const mayPass = ({ status }) => !status || status === 408 || status === 409 || status === 429 || status >= 500;
