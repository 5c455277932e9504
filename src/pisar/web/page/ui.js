// The one place that names the vendored libraries, and what every view shares: the page's context and small hooks.

import { createContext, h, render } from "./vendor/preact.mjs";
import { useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "./vendor/hooks.mjs";
import htm from "./vendor/htm.mjs";

export const html = htm.bind(h);

export { createContext, h, render, useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState };

// {t, language, key, me, …}: made by app.js.
export const Page = createContext(null);

export const usePage = () => useContext(Page);

// Draws the caller again whenever the store calls its listeners. A store has `subscribe(listener)`, which returns how to stop.
export function useStore(store) {
  const [, draw] = useReducer((count) => count + 1, 0);
  useEffect(() => store.subscribe(draw), [store]);
  return store;
}

// A list of listeners.
export function listeners() {
  const all = new Set();
  return {
    subscribe(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    tell() {
      for (const each of [...all]) each();
    },
  };
}
