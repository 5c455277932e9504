// What this browser keeps for the page, in IndexedDB: the sounds of jobs, the pieces of unfinished recordings, unfinished uploads with
// their files, and corrections that the server does not have yet.
//
// The rule: nothing here may stop the page. Without IndexedDB (some private windows) reads find nothing, writes say that nothing was kept,
// and a sound lives as long as the tab.

const NAME = "pisar";
const VERSION = 1;

const STORES = {
  sounds: "id", // {id, blob, at}
  recordings: "id", // {id, type, at, seconds}
  pieces: ["recording", "number"], // {recording, number, blob}
  uploads: "id", // {id, file, at, …}: the rest is the uploader's own
  corrections: "id", // {id, list, at}
};

// All sounds together; the oldest go first. A recording of ten hours takes a quarter of it.
export const SOUNDS_BYTES = 2 * 2 ** 30;

export const FULL = "full";
export const UNAVAILABLE = "unavailable";

const DAY_MS = 24 * 60 * 60 * 1000;

// Sounds that could not be kept, by job: good until the tab is closed.
const lent = new Map();

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close(); // a newer page in another tab
      database.onclose = () => {
        opened = null;
      };
      resolve(database);
    };
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

// Runs `work(store, …)` in one transaction and returns what its request found, once the transaction is complete.
async function within(names, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, mode);
    const request = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error ?? request?.error);
  });
}

const read = (name, work, otherwise) => within([name], "readonly", work).catch(() => otherwise);
const write = (name, work) => within([name], "readwrite", work);

const isFull = (error) => error?.name === "QuotaExceededError";

// Runs a write, and where the browser has no room for it drops the oldest sound and tries again. Returns null, FULL or UNAVAILABLE.
async function withRoom(attempt, spared) {
  for (;;) {
    try {
      await attempt();
      return null;
    } catch (error) {
      if (!isFull(error)) return UNAVAILABLE;
      const [oldest] = (await sounds()).filter(({ id }) => id !== spared);
      if (!oldest) return FULL;
      await write("sounds", (store) => store.delete(oldest.id)).catch(() => {});
    }
  }
}

async function sounds() {
  const kept = await read("sounds", (store) => store.getAll(), []);
  return kept.sort((one, other) => one.at - other.at);
}

// ── sounds of jobs ──

// Keeps the sound of a job. Returns {kept, why}: `why` is FULL or UNAVAILABLE where it lives as long as the tab only.
export async function keepSound(id, blob) {
  lent.set(id, blob);
  if (blob.size > SOUNDS_BYTES) return { kept: false, why: FULL };
  const older = (await sounds()).filter((sound) => sound.id !== id);
  let bytes = blob.size + older.reduce((sum, sound) => sum + sound.blob.size, 0);
  for (const sound of older) {
    if (bytes <= SOUNDS_BYTES) break;
    await write("sounds", (store) => store.delete(sound.id)).catch(() => {});
    bytes -= sound.blob.size;
  }
  const why = await withRoom(() => write("sounds", (store) => store.put({ id, blob, at: Date.now() })), id);
  if (why === null) lent.delete(id);
  return { kept: why === null, why };
}

// The sound of a job, or null where it is not here. A sound that is still being uploaded is here too.
export async function soundOf(id) {
  if (lent.has(id)) return lent.get(id);
  const sound = await read("sounds", (store) => store.get(id));
  if (sound) return sound.blob;
  const upload = await read("uploads", (store) => store.get(id));
  return upload?.file ?? null;
}

export async function forgetSound(id) {
  lent.delete(id);
  await within(["sounds", "corrections"], "readwrite", (kept, corrections) => {
    kept.delete(id);
    corrections.delete(id);
  }).catch(() => {});
}

// ── recordings that nobody has sent yet ──

const LOCK = (id) => `pisar-recording-${id}`;

// Begins to keep a recording. Returns {id, release}: while it is held no other tab takes the recording for an unfinished one.
export async function beginRecording(type) {
  const id = crypto.randomUUID(); // a microphone is to be had in secure contexts alone, as this is
  const release = await holdRecording(id);
  await withRoom(() => write("recordings", (store) => store.put({ id, type, at: Date.now(), seconds: 0 })));
  return { id, release };
}

// Keeps a recording for this tab: until the returned function is called no other finds it unfinished.
export const holdRecording = (id) => hold(LOCK(id));

// Keeps one more piece; `seconds` is how long the recording is with it. Returns null, FULL or UNAVAILABLE.
export function addPiece(id, number, blob, seconds) {
  return withRoom(() =>
    within(["recordings", "pieces"], "readwrite", (recordings, pieces) => {
      pieces.put({ recording: id, number, blob });
      const found = recordings.get(id);
      found.onsuccess = () => found.result && recordings.put({ ...found.result, seconds });
    }),
  );
}

// Recordings that were begun here and never sent or discarded, newest first: {id, type, at, seconds}. Those of an open tab are not among them.
export async function unfinishedRecordings() {
  const [found, held] = await Promise.all([read("recordings", (store) => store.getAll(), []), heldLocks()]);
  const idle = found.filter(({ id }) => !held.has(LOCK(id)));
  for (const { id } of idle.filter(({ seconds }) => seconds === 0)) await forgetRecording(id);
  return idle.filter(({ seconds }) => seconds > 0).sort((one, other) => other.at - one.at);
}

// The pieces of a recording as one sound, or null.
export async function recordingOf({ id, type }) {
  const pieces = await read("pieces", (store) => store.getAll(IDBKeyRange.bound([id, 0], [id, Infinity])), []);
  return pieces.length ? new Blob(pieces.map(({ blob }) => blob), { type }) : null;
}

export async function forgetRecording(id) {
  await within(["recordings", "pieces"], "readwrite", (recordings, pieces) => {
    recordings.delete(id);
    pieces.delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
  }).catch(() => {});
}

async function hold(name) {
  if (!navigator.locks) return () => {};
  let release = () => {};
  const until = new Promise((resolve) => {
    release = resolve;
  });
  await new Promise((resolve) => {
    navigator.locks.request(name, () => {
      resolve();
      return until;
    });
  });
  return release;
}

async function heldLocks() {
  const found = await navigator.locks?.query().catch(() => null);
  return new Set(found?.held.map(({ name }) => name));
}

// ── uploads that are not complete ──

// Keeps an unfinished upload {id, file, …} and its file. Returns {kept, why} as `keepSound` does.
export async function keepUpload(upload) {
  const why = await withRoom(() => write("uploads", (store) => store.put({ ...upload, at: upload.at ?? Date.now() })));
  return { kept: why === null, why };
}

// All unfinished uploads, oldest first.
export async function unfinishedUploads() {
  const kept = await read("uploads", (store) => store.getAll(), []);
  return kept.sort((one, other) => one.at - other.at);
}

export async function forgetUpload(id) {
  await write("uploads", (store) => store.delete(id)).catch(() => {});
}

// ── corrections that the server does not have ──

export async function keepCorrections(id, list) {
  await write("corrections", (store) => (list.length ? store.put({ id, list, at: Date.now() }) : store.delete(id))).catch(() => {});
}

export async function keptCorrections(id) {
  const found = await read("corrections", (store) => store.get(id));
  return found?.list ?? [];
}

// ── the end ──

// Forgets what is older than the texts, which the server keeps for so many days.
export async function forgetOld(days) {
  const before = Date.now() - days * DAY_MS;
  for (const name of ["sounds", "uploads", "corrections", "recordings"]) {
    const kept = await read(name, (store) => store.getAll(), []);
    for (const { id, at } of kept) {
      if (at >= before) continue;
      if (name === "recordings") await forgetRecording(id);
      else await write(name, (store) => store.delete(id)).catch(() => {});
    }
  }
}

// Forgets everything at once: for who leaves this browser.
export async function forgetAll() {
  lent.clear();
  const names = Object.keys(STORES);
  await within(names, "readwrite", (...stores) => {
    for (const store of stores) store.clear();
  }).catch(() => {});
}
