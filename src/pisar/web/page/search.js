// Finds in a text: upper and lower case are the same, so are ё and е, punctuation does not count, and a phrase may go over many words.

import { html, useEffect, useMemo, useRef, useState } from "./ui.js";
import { Icon, SignButton } from "./widgets.js";

const LETTER = /[\p{L}\p{N}\p{M}]/u;

const fold = (letter) => (LETTER.test(letter) ? letter.toLowerCase().replaceAll("ё", "е") : " ");

// The folded text of units, and for each of its letters where it stands: the unit, and the place in it.
export function indexOf(units) {
  const letters = [];
  const places = [];
  const add = (letter, unit, from, to) => {
    if (letter === " " && (!letters.length || letters.at(-1) === " ")) return;
    letters.push(letter);
    places.push({ unit, from, to });
  };
  units.forEach(({ text, before }, unit) => {
    if (before) add(" ", unit, 0, 0);
    let at = 0;
    for (const letter of text) {
      for (const folded of fold(letter)) add(folded, unit, at, at + letter.length);
      at += letter.length;
    }
  });
  return { text: letters.join(""), letters, places };
}

// Where the query stands: [{from: {unit, offset}, to: {unit, offset}}], in order, apart from one another.
export function find(index, query) {
  const wanted = [...indexOf([{ text: query, before: "" }]).text.trim()].join("");
  if (!wanted) return [];
  const found = [];
  // `text` is counted in UTF-16 units, `places` in letters.
  const letterAt = lettersByUnit(index);
  for (let at = index.text.indexOf(wanted); at >= 0; at = index.text.indexOf(wanted, at + wanted.length)) {
    const first = index.places[letterAt(at)];
    const last = index.places[letterAt(at + wanted.length - 1)];
    found.push({ from: { unit: first.unit, offset: first.from }, to: { unit: last.unit, offset: last.to } });
  }
  return found;
}

function lettersByUnit({ text, letters }) {
  if (text.length === letters.length) return (at) => at;
  const numbers = [];
  letters.forEach((letter, number) => {
    for (let each = 0; each < letter.length; each += 1) numbers.push(number);
  });
  return (at) => numbers[at];
}

const WAIT_MS = 150;

// Shows matches in the text: all by a highlight where the browser has them, the current one by a class in any.
class Marks {
  constructor(text) {
    this.text = text;
    this.now = [];
  }

  show(found, current) {
    for (const span of this.now) span.classList.remove("found-now");
    const match = found[current];
    this.now = match ? this.text.spans.slice(match.from.unit, match.to.unit + 1) : [];
    for (const span of this.now) span.classList.add("found-now");
    if (!globalThis.Highlight) return;
    CSS.highlights.set("pisar-found", new Highlight(...found.map((each) => this._range(each))));
  }

  clear() {
    this.show([], -1);
    globalThis.CSS?.highlights?.delete("pisar-found");
  }

  _range({ from, to }) {
    const [start, end] = [this.text.place(from), this.text.place(to)];
    const range = new Range();
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset);
    return range;
  }
}

// `text()` gives the Text, `units` what it shows; `field` is a ref to the search's field.
export function Search({ t, text, units, field }) {
  const [typed, type] = useState("");
  const [query, ask] = useState("");
  const [current, go] = useState(0);
  const index = useMemo(() => (query ? indexOf(units) : null), [units, query !== ""]);
  const found = useMemo(() => (index ? find(index, query) : []), [index, query]);
  const marks = useRef(null);
  const at = Math.min(current, Math.max(0, found.length - 1));

  useEffect(() => {
    const timer = setTimeout(() => {
      ask(typed);
      go(0);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  useEffect(() => {
    if (!text()) return;
    marks.current ??= new Marks(text());
    marks.current.show(found, at);
  }, [found, at]);

  useEffect(() => {
    if (found.length) text()?.point(found[at].from.unit);
  }, [query, at]);

  useEffect(() => () => marks.current?.clear(), []);

  const step = (by) => found.length && go((at + by + found.length) % found.length);
  const pressed = (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (typed === query) step(event.shiftKey ? -1 : 1);
      else ask(typed);
    } else if (event.key === "Escape" && typed) {
      event.preventDefault();
      type("");
    }
  };
  const count = !query.trim() ? "" : found.length ? t("search.count", { at: at + 1, count: found.length }) : t("search.none");
  return html`
    <div class="search" role="search" aria-label=${t("search.label")}>
      <label class="search-field">
        <span class="unseen">${t("search.label")}</span>
        <${Icon} name="search" />
        <input
          ref=${field}
          type="search"
          value=${typed}
          placeholder=${t("search.label")}
          enterkeyhint="search"
          autocomplete="off"
          spellcheck=${false}
          onInput=${(event) => type(event.target.value)}
          onKeyDown=${pressed}
        />
      </label>
      <span class="search-count" role="status">${count}</span>
      ${found.length > 0 &&
      html`
        <${SignButton} icon="up" label=${t("search.previous")} onClick=${() => step(-1)} />
        <${SignButton} icon="down" label=${t("search.next")} onClick=${() => step(1)} />
      `}
    </div>
  `;
}
