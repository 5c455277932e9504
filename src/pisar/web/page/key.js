// The API key in this browser: in localStorage where its owner said "remember", else in sessionStorage, which ends with the tab.

const NAME = "pisar.key";

// Some browsers throw at the mere mention of storage (blocked cookies): then the key lives as long as the page.
let lent = null;

const stores = () => {
  const found = [];
  for (const name of ["sessionStorage", "localStorage"]) {
    try {
      found.push(globalThis[name]);
    } catch {
      // not to be had
    }
  }
  return found;
};

export function savedKey() {
  for (const store of stores()) {
    const key = store.getItem(NAME);
    if (key) return key;
  }
  return lent;
}

export function isRemembered() {
  try {
    return localStorage.getItem(NAME) !== null;
  } catch {
    return false;
  }
}

export function keepKey(key, remember) {
  forgetKey();
  lent = key;
  try {
    (remember ? localStorage : sessionStorage).setItem(NAME, key);
  } catch {
    // kept in `lent` alone
  }
}

export function forgetKey() {
  lent = null;
  for (const store of stores()) store.removeItem(NAME);
}

// The key as it may be shown: who looks over a shoulder learns its end alone.
export const masked = (key) => (key.length > 12 ? `••••••••${key.slice(-4)}` : "••••••••");

// A key of a header may hold visible ASCII alone; what is pasted often brings blanks and line ends.
export const tidied = (typed) => typed.trim().replace(/^["'«“]+|["'»”]+$/g, "");

export const couldBeKey = (key) => /^[!-~]{8,512}$/.test(key);

// Reads `#key=KEY` and takes it out of the address and of the history, before anything else sees it.
export function keyFromAddress() {
  const found = /^#key=(.+)$/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  let key = found[1];
  try {
    key = decodeURIComponent(key);
  } catch {
    // a lone % is a part of it
  }
  key = tidied(key);
  return couldBeKey(key) ? key : null;
}
