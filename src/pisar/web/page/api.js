// Calls the API. Every failure becomes a Problem: a code, from which texts.js makes a sentence, and a way out.

const TIMEOUT_MS = 60_000;

// What a person can do about a problem. The views make a button of it.
export const WAYS = Object.freeze({ key: "key", retry: "retry", wait: "wait", fresh: "fresh", list: "list", settings: "settings" });

const WAY_OUT = {
  offline: WAYS.retry,
  timeout: WAYS.retry,
  unauthorized: WAYS.key,
  quota_used: WAYS.settings,
  queue_full: WAYS.retry,
  too_many_awaited: WAYS.list,
  not_found: WAYS.list,
  job_deleted: WAYS.list,
  no_transcript: WAYS.list,
  cannot_decode: WAYS.fresh,
  no_audio_track: WAYS.fresh,
  no_such_track: WAYS.fresh,
  too_big: WAYS.fresh,
  too_long: WAYS.fresh,
  too_heavy: WAYS.fresh,
  unsupported: WAYS.fresh,
  unsupported_sound: WAYS.fresh,
  try_again: WAYS.retry,
  internal: WAYS.retry,
};

export class Problem extends Error {
  // `code`: for programs, and for the sentence. `said`: the server's own sentence, in English. `retryAfter`: seconds, or null.
  constructor(code, { status = 0, said = "", retryAfter = null } = {}) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.status = status;
    this.said = said;
    this.retryAfter = retryAfter;
  }

  get way() {
    return WAY_OUT[this.code] ?? (this.status >= 500 || this.status === 429 ? WAYS.retry : WAYS.list);
  }

  // Whether the same call may well succeed later without anybody's doing.
  get passes() {
    return ["offline", "timeout", "try_again", "internal", "busy"].includes(this.code);
  }

  // The sentence in the page's language; what has none there is said in the server's words.
  // `values`: what the sentence may name besides.
  sentence(t, values = {}) {
    const name = `problem.${this.code}`;
    const when = this.retryAfter === null ? null : t.moment(Date.now() + this.retryAfter * 1000);
    if (t.has(name)) return t(name, { when, ...values });
    return this.said || t("problem.unknown", { code: this.code });
  }
}

const base = () => document.baseURI.replace(/[#?].*$/, "");

export const addressOf = (path) => new URL(path.replace(/^\//, ""), base()).href;

// `as`: "json", "text", or "response" for those who need headers. Raises Problem, or AbortError where `signal` says so.
export async function call(path, { key = null, method = "GET", body, query, headers = {}, as = "json", signal } = {}) {
  const address = new URL(addressOf(path));
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined && value !== null) address.searchParams.set(name, value);
  const sent = { Accept: "application/json, text/plain, */*", ...headers };
  if (key) sent["X-API-Key"] = key;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response;
  try {
    response = await fetch(address, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: either(signal, timeout),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    if (!response.ok) throw await problemOf(response);
    if (as === "response") return response;
    if (as === "text") return await response.text();
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (signal?.aborted) throw error;
    if (timeout.aborted) throw new Problem("timeout");
    if (error instanceof SyntaxError) throw new Problem("internal", { status: response?.status ?? 0 });
    throw new Problem("offline");
  }
}

function either(signal, timeout) {
  if (!signal) return timeout;
  if (AbortSignal.any) return AbortSignal.any([signal, timeout]);
  const both = new AbortController();
  for (const each of [signal, timeout]) each.addEventListener("abort", () => both.abort(each.reason), { once: true });
  return both.signal;
}

async function problemOf(response) {
  const { status } = response;
  const again = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const retryAfter = Number.isFinite(again) ? again : null;
  let said = "";
  let code = null;
  try {
    const answer = await response.json();
    code = answer.error?.code ?? null;
    said = answer.error?.message ?? answer.message ?? "";
  } catch {
    // a proxy's page
  }
  return new Problem(code ?? codeOf(status), { status, said, retryAfter });
}

// What the gateway or a proxy says itself has a status alone.
function codeOf(status) {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not_found";
  if (status === 413) return "too_big";
  if (status === 429) return "busy";
  return status >= 500 ? "try_again" : "unknown";
}

export const me = (key, options) => call("/me", { key, ...options });
export const newJob = (key, body, options) => call("/jobs", { key, method: "POST", body, ...options });
export const jobs = (key, { limit, after }, options) => call("/jobs", { key, query: { limit, after: after || undefined }, ...options });
export const job = (key, id, options) => call(`/jobs/${id}`, { key, as: "response", ...options });
export const eraseJob = (key, id, options) => call(`/jobs/${id}`, { key, method: "DELETE", ...options });
export const uploadOf = (key, id, options) => call(`/jobs/${id}/upload`, { key, ...options });
export const completeUpload = (key, id, options) => call(`/jobs/${id}/upload`, { key, method: "POST", ...options });
export const transcript = (key, id, query, options) => call(`/jobs/${id}/transcript`, { key, query, as: "response", ...options });
export const correct = (key, id, corrections, options) =>
  call(`/jobs/${id}/transcript`, { key, method: "PATCH", body: { corrections }, ...options });
export const share = (key, id, days, options) => call(`/jobs/${id}/share`, { key, method: "POST", body: { days }, ...options });
export const shareOf = (key, id, options) => call(`/jobs/${id}/share`, { key, ...options });
export const unshare = (key, id, options) => call(`/jobs/${id}/share`, { key, method: "DELETE", ...options });
export const shared = (token, format, options) =>
  call("/shared", { headers: { "X-Share-Token": token }, query: { format }, as: "response", ...options });
