// Asks again and again, as long as somebody looks: pauses while the page is hidden, goes on at once when it is seen again or online.

import { Problem } from "./api.js";
import { useCallback, useEffect, useRef } from "./ui.js";

const LONGEST_MS = 60_000;

// Resolves after so many milliseconds, but not while the page is hidden; at once when it comes into sight later than that.
export function restful(milliseconds, signal, { view = document, line = globalThis } = {}) {
  return new Promise((resolve) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      look();
    }, milliseconds);
    const end = () => {
      clearTimeout(timer);
      view.removeEventListener("visibilitychange", look);
      line.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const look = () => over && view.visibilityState !== "hidden" && end();
    view.addEventListener("visibilitychange", look);
    line.addEventListener("online", end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}

// Calls `ask(signal)` until it returns null; else it returns in how many milliseconds to ask again. Raised problems go to `onProblem`;
// those that pass by themselves are waited out, longer each time. Returns `again()`, which asks at once.
export function usePolling(ask, onProblem, inputs) {
  const now = useRef(() => {});
  useEffect(() => {
    let stop = new AbortController();
    const run = async () => {
      const { signal } = stop;
      for (let failures = 0; !signal.aborted; ) {
        let wait;
        try {
          wait = await ask(signal);
          if (signal.aborted || wait === null) return;
          failures = 0;
        } catch (error) {
          if (signal.aborted) return;
          const problem = error instanceof Problem ? error : new Problem("unknown", { said: String(error) });
          onProblem(problem);
          if (!problem.passes) return;
          failures += 1;
          wait = Math.max((problem.retryAfter ?? 0) * 1000, Math.min(1000 * 2 ** failures, LONGEST_MS));
        }
        await restful(wait, signal);
      }
    };
    now.current = () => {
      stop.abort();
      stop = new AbortController();
      run();
    };
    run();
    return () => stop.abort();
  }, inputs);
  return useCallback(() => now.current(), []);
}
