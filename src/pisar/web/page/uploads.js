// Uploads by parts, straight into storage: several at once, each with progress, pause and cancel.
//
// A part that fails for the network's sake is sent again after a growing pause, and at once when the browser is online again. What the
// storage has is asked of the server (`GET /jobs/{id}/upload`), never remembered here, so an upload goes on after a broken connection, a
// pause or a closed tab all the same way.

import { Problem, completeUpload, eraseJob, newJob, uploadOf } from "./api.js";
import { listeners } from "./ui.js";

const FILES_AT_ONCE = 3;
const PARTS_AT_ONCE = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 60_000; // no byte went for so long: the connection is dead, though nobody said so
const SPEED_WINDOW_MS = 6000;
const TRIES_OF_A_REFUSED_PART = 4;

export const WAITING = "waiting";
export const CREATING = "creating";
export const SENDING = "sending";
export const OFFLINE = "offline";
export const PAUSED = "paused";
export const COMPLETING = "completing";
export const DONE = "done";
export const FAILED = "failed";

// How long to wait before try number `tries` (from 0): 1, 2, 4, … 30 s, each made uneven so that clients do not come back in step.
export function pauseBefore(tries, chance = Math.random()) {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
  return pause * (0.75 + chance / 2);
}

// Bytes a second over the last seconds. `told(bytes, now)` for every step forward.
export function speedometer() {
  let steps = [];
  return {
    told(bytes, now) {
      steps.push({ bytes, now });
      while (steps.length > 2 && now - steps[0].now > SPEED_WINDOW_MS) steps.shift();
    },
    // Null until a second has been measured.
    speed() {
      const [first, last] = [steps[0], steps.at(-1)];
      const passed = first === undefined ? 0 : last.now - first.now;
      return passed < 1000 ? null : (Math.max(0, last.bytes - first.bytes) / passed) * 1000;
    },
    reset() {
      steps = [];
    },
  };
}

// Sends one part by XMLHttpRequest, which alone tells how far it is. Resolves to the HTTP status; 0 where the network failed.
export function putPart(url, blob, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const end = (settle) => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      settle();
    };
    const stop = () => request.abort();
    request.upload.onprogress = (event) => {
      heard();
      onProgress(event.loaded);
    };
    request.onload = () => end(() => resolve(request.status));
    request.onerror = () => end(() => resolve(0));
    request.onabort = () => end(() => (signal.aborted ? reject(signal.reason) : resolve(0)));
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    signal.addEventListener("abort", stop, { once: true });
    request.open("PUT", url);
    heard();
    request.send(blob);
  });
}

// So many may hold it at once; the others wait in line.
function places(count) {
  let free = count;
  const line = [];
  return {
    async hold(work) {
      if (free > 0) free -= 1;
      else await new Promise((go) => line.push(go));
      try {
        return await work();
      } finally {
        const next = line.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}

// Resolves after so many milliseconds, or as soon as the browser is online again. Rejects when `signal` aborts.
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      removeEventListener("online", online);
      signal.removeEventListener("abort", stop);
      settle(value);
    };
    const online = () => end(resolve);
    const stop = () => end(reject, signal.reason);
    const timer = setTimeout(online, milliseconds);
    addEventListener("online", online);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}

// Whether a file of so many bytes can be the one whose upload the server describes: of the same parts, the last one as long.
export function fits({ part_bytes: partBytes, parts, done }, bytes) {
  const last = Math.max(...done, ...parts.map(({ number }) => number));
  const open = parts.find(({ number }) => number === last);
  const least = (last - 1) * partBytes;
  return open ? bytes === least + open.bytes : bytes > least && bytes <= least + partBytes;
}

let count = 0;

export class Upload {
  // `left`: what was remembered of an upload that another tab or an earlier visit began.
  constructor({ file, name, bytes, options, left = null }) {
    count += 1;
    this.number = count;
    this.file = file;
    this.name = name;
    this.bytes = bytes;
    this.options = options;
    this.jobId = left?.id ?? null;
    this.idempotencyKey = left ? null : crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    this.state = left ? PAUSED : WAITING;
    this.left = left !== null;
    this.problem = null;
    this.sentBytes = 0;
    this.stop = null;
    this.meter = speedometer();
    // Once a closed tab does not lose the file any more.
    this.kept = new Promise((resolve) => {
      this.isKept = resolve;
    });
  }

  get share() {
    return this.bytes ? Math.min(1, this.sentBytes / this.bytes) : 0;
  }

  // Seconds, or null while nobody knows.
  get secondsLeft() {
    const speed = this.meter.speed();
    return speed ? (this.bytes - this.sentBytes) / speed : null;
  }

  get moves() {
    return [WAITING, CREATING, SENDING, OFFLINE, COMPLETING].includes(this.state);
  }
}

// All uploads of this tab. `memory` remembers them for a later visit: {keep(upload), all(), forget(id), finished(upload)}, all async.
export class Uploads {
  constructor({ memory, put = putPart, locks = globalThis.navigator?.locks } = {}) {
    this.list = [];
    this.key = null;
    this.memory = memory;
    this.put = put;
    this.locks = locks;
    this.files = places(FILES_AT_ONCE);
    this.parts = places(PARTS_AT_ONCE);
    const { subscribe, tell } = listeners();
    this.subscribe = subscribe;
    this.tell = tell;
    this.onDone = () => {};
    this.onCreated = () => {};
  }

  get moving() {
    return this.list.some((each) => each.moves);
  }

  // `found`: [{file, name}]. Returns the new uploads, which are under way.
  add(found, options) {
    const made = found.map(({ file, name }) => new Upload({ file, name, bytes: file.size, options }));
    this.list.push(...made);
    for (const each of made) this.start(each);
    this.tell();
    return made;
  }

  // Offers again what earlier visits left unfinished, but for what another tab works at.
  async remember() {
    for (const left of await this.memory.all()) {
      if (this.ofJob(left.id) || (await this.heldElsewhere(left.id))) continue;
      this.list.push(new Upload({ file: left.file ?? null, name: left.name, bytes: left.bytes, options: left.options, left }));
    }
    this.tell();
  }

  ofJob(id) {
    return this.list.find((each) => each.jobId === id) ?? null;
  }

  async start(upload) {
    if (upload.stop) return;
    const stop = new AbortController();
    upload.stop = stop;
    upload.state = WAITING;
    upload.problem = null;
    upload.left = false;
    this.tell();
    try {
      await this.files.hold(async () => {
        stop.signal.throwIfAborted();
        const told = upload.jobId ? null : await this.create(upload, stop.signal);
        await this.alone(upload, () => this.send(upload, told, stop.signal));
      });
      upload.state = DONE;
      this.list = this.list.filter((each) => each !== upload);
      this.onDone(upload);
    } catch (error) {
      if (!stop.signal.aborted) {
        upload.state = FAILED;
        upload.problem = error instanceof Problem ? error : new Problem("unknown", { said: String(error) });
        if (["expired", "not_found", "job_deleted"].includes(upload.problem.code)) await this.startAfresh(upload);
      }
    } finally {
      if (upload.stop === stop) upload.stop = null;
      this.tell();
    }
  }

  pause(upload) {
    const { stop } = upload;
    upload.stop = null;
    upload.state = PAUSED;
    upload.meter.reset();
    stop?.abort();
    this.tell();
  }

  pauseAll() {
    for (const each of this.list) if (each.moves) this.pause(each);
  }

  // Takes the file that an upload of an earlier visit lacks. Raises Problem where it is another one.
  take(upload, file) {
    if (file.size !== upload.bytes) throw new Problem("other_file");
    upload.file = file;
    return this.start(upload);
  }

  // Goes on with a job whose upload another device began; `plan`: what the server says of it. Raises Problem where the file can't be its.
  async adopt({ id, name }, plan, file) {
    if (!fits(plan, file.size)) throw new Problem("other_file");
    const upload = new Upload({ file, name, bytes: file.size, options: {}, left: { id } });
    this.list.push(upload);
    await this.memory.keep(upload);
    upload.isKept();
    return this.start(upload);
  }

  // Stops it and erases what has been sent. What the server does not learn ends there by its age.
  async cancel(upload) {
    this.pause(upload);
    this.list = this.list.filter((each) => each !== upload);
    this.tell();
    if (!upload.jobId) return;
    await this.memory.forget(upload.jobId);
    try {
      await eraseJob(this.key, upload.jobId);
    } catch {
      // gone already, or its form's time will end it
    }
  }

  // The job cannot take the file any more: the next try makes a new one.
  async startAfresh(upload) {
    if (upload.jobId) await this.memory.forget(upload.jobId);
    upload.jobId = null;
    upload.idempotencyKey = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    upload.sentBytes = 0;
  }

  // Makes the job and returns what the server says of the upload.
  async create(upload, signal) {
    upload.state = CREATING;
    this.tell();
    const body = { name: upload.name, bytes: upload.bytes, ...upload.options };
    const headers = { "Idempotency-Key": upload.idempotencyKey };
    const made = await this.patiently(upload, signal, () => newJob(this.key, body, { headers, signal }));
    upload.jobId = made.id;
    await this.memory.keep(upload);
    upload.isKept();
    this.onCreated(upload);
    signal.throwIfAborted();
    return made.upload ?? null;
  }

  async send(upload, told, signal) {
    // A part that the storage lost is sent in the next round; one round is the rule.
    for (let round = 0; ; round += 1) {
      const known = round === 0 ? told : null;
      const plan = known ?? (await this.patiently(upload, signal, () => uploadOf(this.key, upload.jobId, { signal })));
      await this.sendParts(upload, plan, signal);
      upload.state = COMPLETING;
      this.tell();
      try {
        await this.patiently(upload, signal, () => completeUpload(this.key, upload.jobId, { signal }));
        break;
      } catch (error) {
        if (error.code !== "upload_incomplete" || round === TRIES_OF_A_REFUSED_PART) throw error;
      }
    }
    await this.memory.finished(upload);
  }

  async sendParts(upload, plan, signal) {
    const done = new Set(plan.done ?? []);
    const sent = new Map();
    const missing = plan.parts.filter((part) => !done.has(part.number));
    const before = upload.bytes - missing.reduce((sum, part) => sum + part.bytes, 0);
    const count = () => {
      upload.sentBytes = before + [...sent.values()].reduce((sum, bytes) => sum + bytes, 0);
      upload.meter.told(upload.sentBytes, performance.now());
      this.tell();
    };
    upload.state = SENDING;
    upload.meter.reset();
    count();
    const failed = new AbortController();
    const either = AbortSignal.any ? AbortSignal.any([signal, failed.signal]) : signal;
    const work = async (part) => {
      const start = (part.number - 1) * plan.part_bytes;
      await this.sendPart(upload, part, upload.file.slice(start, start + part.bytes), either, (bytes) => {
        sent.set(part.number, Math.min(bytes, part.bytes));
        count();
      });
    };
    const queue = [...missing];
    const worker = async () => {
      for (let part = queue.shift(); part; part = queue.shift()) {
        const now = part;
        await this.parts.hold(() => work(now));
      }
    };
    const workers = Array.from({ length: Math.min(PARTS_AT_ONCE, missing.length) }, worker);
    try {
      await Promise.all(workers);
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled(workers);
      throw error;
    }
  }

  async sendPart(upload, part, blob, signal, onProgress) {
    let { url } = part;
    let refused = 0;
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      const status = await this.put(url, blob, { signal, onProgress });
      if (status >= 200 && status < 300) {
        onProgress(part.bytes);
        this.connected(upload);
        return;
      }
      onProgress(0);
      if (status === 0 && !(await readable(blob))) throw new Problem("unreadable");
      if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) {
        // An address whose time is over, or an upload that is no more: the server knows which.
        refused += 1;
        if (refused >= TRIES_OF_A_REFUSED_PART) throw new Problem("refused_by_store", { status });
        const fresh = await this.patiently(upload, signal, () => uploadOf(this.key, upload.jobId, { signal }));
        if (fresh.done?.includes(part.number)) {
          onProgress(part.bytes);
          return;
        }
        url = fresh.parts.find((each) => each.number === part.number)?.url ?? url;
        tries = 0;
        continue;
      }
      await this.disconnected(upload, tries, signal);
    }
  }

  // Calls the API until it answers: what passes by itself is waited for.
  async patiently(upload, signal, ask) {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await ask();
        this.connected(upload);
        return answer;
      } catch (error) {
        if (!(error instanceof Problem) || !error.passes) throw error;
        await this.disconnected(upload, tries, signal, error.retryAfter);
      }
    }
  }

  connected(upload) {
    if (upload.state !== OFFLINE) return;
    upload.state = upload.before ?? SENDING;
    this.tell();
  }

  async disconnected(upload, tries, signal, seconds = null) {
    if (upload.state !== OFFLINE) upload.before = upload.state;
    upload.state = OFFLINE;
    upload.meter.reset();
    this.tell();
    await pause(Math.max(pauseBefore(tries), (seconds ?? 0) * 1000), signal);
  }

  // Holds a lock on the job while it is uploaded, so that another tab does not offer to go on with it.
  async alone(upload, work) {
    if (!this.locks) return work(); // browsers have locks on https and localhost alone
    return this.locks.request(lockOf(upload.jobId), work); // who comes second waits, and then finds what the first has sent
  }

  async heldElsewhere(id) {
    if (!this.locks) return false;
    const { held } = await this.locks.query();
    return held.some((each) => each.name === lockOf(id));
  }
}

const lockOf = (id) => `pisar-upload-${id}`;

async function readable(blob) {
  try {
    await blob.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
