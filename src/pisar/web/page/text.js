// The text itself: thousands of words that are clicked, sound, are found and corrected. Made by hand, since a framework's node for each word
// is slow: an hour has 9,000 of them.
//
// The rule: one element a word, reused for as long as its word is there, so that a text that grows keeps scroll, selection and focus. To a
// screen reader it is one text; one word alone is in the tab order, and the arrow keys move between words.

import { clock, cuesOf, paragraphsOf } from "./words.js";

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

// How long after our own scrolling a scroll is still taken for it.
const OWN_SCROLL_MS = 900;

export class Text {
  // `on.play(unit)`, `on.edit(unit)`, `on.away(isAway)`: whether the reader has scrolled away from what sounds.
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.units = [];
    this.spans = [];
    this.gaps = [];
    this.current = 0;
    this.sounding = -1;
    this.host = null;
    this.hostAt = -1;
    this.follows = true;
    this._ownScrollUntil = 0;
    this._listeners = new AbortController();
    const { signal } = this._listeners;
    root.addEventListener("click", (event) => this._clicked(event), { signal });
    root.addEventListener("keydown", (event) => this._pressed(event), { signal });
    root.addEventListener("focusin", (event) => this._focused(event), { signal });
    const byHand = () => {
      this._ownScrollUntil = 0;
    };
    for (const name of ["wheel", "touchmove"]) addEventListener(name, byHand, { signal, passive: true });
    addEventListener("scroll", () => performance.now() > this._ownScrollUntil && this._scrolled(), { signal, passive: true });
  }

  close() {
    this._listeners.abort();
  }

  // Shows units (as `Corrections.shown` gives them), in paragraphs or in cues.
  show(units, asCues) {
    const focused = document.activeElement?.number ?? -1;
    const top = asCues === this.asCues ? -1 : this._firstInSight();
    if (asCues !== this.asCues) this.root.replaceChildren();
    this.asCues = asCues;
    units.forEach((unit, number) => this._dress(unit, number));
    for (const gone of this.spans.splice(units.length)) gone.remove();
    for (const gone of this.gaps.splice(units.length)) gone?.remove();
    this.units = units;
    const starts = asCues ? cuesOf(units) : paragraphsOf(units);
    starts.forEach((start, number) => this._fill(this._block(number, units[start], asCues), start, starts[number + 1] ?? units.length));
    while (this.root.children.length > starts.length) this.root.lastElementChild.remove();
    if (this.sounding >= units.length) this.sounding = -1;
    this._rove(Math.min(this.current, Math.max(0, units.length - 1)));
    const was = this.spans[focused];
    if (was && document.activeElement !== was) was.focus({ preventScroll: true });
    if (top > 0) this._scroll(this.spans[top], "start", "instant");
  }

  // Puts an element behind a unit that is being corrected, and hides the unit. Returns how to take it away again.
  insert(number, host) {
    this.host = host;
    this.hostAt = number;
    this.spans[number].classList.add("edited");
    this.spans[number].after(host);
    const block = this.spans[number].closest(".block");
    block.classList.add("open");
    return () => {
      this.host = null;
      this.hostAt = -1;
      host.remove();
      this.spans[number]?.classList.remove("edited");
      this.root.querySelector(".block.open")?.classList.remove("open");
    };
  }

  // Marks the unit that sounds, -1 for none, and keeps it in sight.
  sound(number) {
    if (number === this.sounding) return;
    this.spans[this.sounding]?.classList.remove("sounding");
    this.sounding = number;
    const span = this.spans[number];
    if (!span) return;
    span.classList.add("sounding");
    if (this.follows) this._bringIntoSight(span);
    else if (isInSight(span)) this._follow(true);
  }

  // Goes back to what sounds, and follows it again.
  follow() {
    this._follow(true);
    const span = this.spans[this.sounding] ?? this.spans[this.current];
    if (span) this._bringIntoSight(span, true);
  }

  // Puts the focus on a unit.
  focus(number) {
    this._rove(number);
    this.spans[number]?.focus();
  }

  // Brings a unit into sight without the focus; the tab key comes to it next.
  point(number) {
    this._rove(number);
    this._follow(false);
    if (this.spans[number]) this._bringIntoSight(this.spans[number]);
  }

  // The text node and the offset of a place in a unit.
  place({ unit, offset }) {
    const node = this.spans[unit].firstChild.firstChild ?? this.spans[unit].firstChild;
    return { node, offset: Math.min(offset, node.length ?? 0) };
  }

  _dress(unit, number) {
    let span = this.spans[number];
    if (!span) {
      span = element("span", "word");
      span.tabIndex = -1;
      span.number = number;
      span.append("");
      this.spans[number] = span;
      this.gaps[number] = document.createTextNode("");
    }
    const gap = unit.before ?? " ";
    if (this.gaps[number].data !== gap) this.gaps[number].data = gap;
    const taken = unit.text === "";
    const look = taken ? "taken" : unit.corrected ? "corrected" : "";
    const text = taken ? unit.heard : unit.text;
    // What it shows is remembered beside it: to read it back from thousands of elements is slow.
    if (span.look !== look || span.says !== text) {
      Object.assign(span, { look, says: text });
      const tag = { taken: "del", corrected: "ins" }[look];
      span.replaceChildren(tag ? element(tag, "", text) : document.createTextNode(text));
    }
    if (span.waits !== unit.waiting) {
      span.waits = unit.waiting;
      span.classList.toggle("waiting", Boolean(unit.waiting));
    }
  }

  // The element of a paragraph or cue, and in it what holds the words.
  _block(number, first, asCues) {
    const found = this.root.children[number];
    if (!asCues) return found ?? this.root.appendChild(element("p", "block"));
    const block = found ?? this.root.appendChild(element("div", "block cue"));
    if (!found) block.append(element("span", "cue-time"), element("p"));
    block.firstChild.textContent = clock(first.start);
    return block.lastChild;
  }

  _fill(holder, first, after) {
    let next = holder.firstChild;
    const put = (node) => {
      if (node === next) next = next.nextSibling;
      else holder.insertBefore(node, next);
    };
    for (let number = first; number < after; number += 1) {
      if (number > first && this.gaps[number].data) put(this.gaps[number]);
      put(this.spans[number]);
      if (this.host && this.hostAt === number) put(this.host);
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  }

  _rove(number) {
    const before = this.spans[this.current];
    if (before) before.tabIndex = -1;
    this.current = number;
    if (this.spans[number]) this.spans[number].tabIndex = 0;
  }

  _numberOf(target) {
    const span = target.closest(".word") ?? target.closest(".cue-time")?.parentElement.querySelector(".word");
    return span?.number ?? -1;
  }

  _clicked(event) {
    const number = this._numberOf(event.target);
    if (number < 0 || event.button !== 0) return;
    if (event.detail < 2 && !getSelection().isCollapsed) return; // a stretch of text was selected
    this._rove(number);
    this._follow(true);
    if (event.detail === 2) this.on.edit(number, true);
    else if (event.detail < 2) this.on.play(number);
  }

  _focused(event) {
    const { number } = event.target;
    if (number !== undefined) this._rove(number);
  }

  _pressed(event) {
    const { number } = event.target;
    if (number === undefined || event.altKey || event.metaKey) return;
    const last = this.spans.length - 1;
    const moves = {
      ArrowLeft: () => number - 1,
      ArrowRight: () => number + 1,
      ArrowUp: () => this._beside(number, -1),
      ArrowDown: () => this._beside(number, 1),
      Home: () => (event.ctrlKey ? 0 : this._edge(number, -1)),
      End: () => (event.ctrlKey ? last : this._edge(number, 1)),
    };
    if (moves[event.key] && !event.shiftKey && (!event.ctrlKey || event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      event.stopPropagation();
      this.focus(Math.min(Math.max(moves[event.key](), 0), last));
    } else if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      this._follow(true);
      this.on.play(number);
    } else if (event.key === "F2") {
      event.preventDefault();
      this.on.edit(number);
    }
  }

  // The unit above or below, at about the same place of its line.
  _beside(number, step) {
    const here = this.spans[number].getBoundingClientRect();
    const middle = (here.left + here.right) / 2;
    let best = number;
    let nearest = Infinity;
    let line = null;
    for (let each = number + step; this.spans[each]; each += step) {
      const box = this.spans[each].getBoundingClientRect();
      const isOnLine = line === null ? Math.abs(box.top - here.top) > here.height / 2 : Math.abs(box.top - line) <= here.height / 2;
      if (!isOnLine) {
        if (line !== null) break;
        continue;
      }
      line ??= box.top;
      const away = Math.abs((box.left + box.right) / 2 - middle);
      if (away < nearest) [best, nearest] = [each, away];
    }
    return best;
  }

  _edge(number, step) {
    const holder = this.spans[number].parentElement;
    let edge = number;
    while (this.spans[edge + step]?.parentElement === holder) edge += step;
    return edge;
  }

  _scrolled() {
    const span = this.spans[this.sounding];
    if (span) this._follow(isInSight(span));
  }

  _follow(follows) {
    if (this.follows === follows) return;
    this.follows = follows;
    this.on.away(!follows);
  }

  _bringIntoSight(span, always = false) {
    if (always || !isInSight(span)) this._scroll(span, "center", isStill() ? "instant" : "smooth");
  }

  _scroll(span, block, behavior) {
    this._ownScrollUntil = performance.now() + OWN_SCROLL_MS;
    span?.scrollIntoView({ block, behavior });
  }

  // The first unit that is in the window; -1 where the text begins below its top.
  _firstInSight() {
    if (!this.units.length || this.root.getBoundingClientRect().top >= 0) return -1;
    const block = [...this.root.children].find((each) => each.getBoundingClientRect().bottom > 0);
    const words = [...(block?.querySelectorAll(".word") ?? [])];
    return words.find((each) => each.getBoundingClientRect().bottom > 0)?.number ?? -1;
  }
}

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Whether an element is in the part of the window that is read without effort: not under the player, not at its very edge.
function isInSight(span) {
  const { top, bottom } = span.getBoundingClientRect();
  return top >= innerHeight * 0.1 && bottom <= innerHeight * 0.8;
}
