// A transcript as the page shows it: units (words, or whole segments whose words are not known), paragraphs, cues. Pure.

// A unit: what is clicked, sounds and is corrected as one. `before` is what stands between it and the unit before; `heard` is what the
// engine heard, `text` what is shown. `word` is null where the segment has no words: then the unit is the whole segment.
export function unitsOf(transcript) {
  const units = [];
  (transcript?.segments ?? []).forEach((segment, number) => {
    const words = segment.words ?? [];
    const whole = { word: segment.text, start: segment.start, end: segment.end, original: segment.original };
    const gaps = words.length ? gapsOf(segment.text, words) : [" "];
    (words.length ? words : [whole]).forEach((each, index) => {
      units.push({
        segment: number,
        word: words.length ? index : null,
        text: each.word.trim(),
        heard: (each.original ?? each.word).trim(),
        start: each.start,
        end: each.end,
        before: units.length ? gaps[index] : "",
      });
    });
  });
  return units;
}

// What stands before each word of a segment: a blank, or nothing in languages that are written without blanks.
function gapsOf(text, words) {
  let at = 0;
  return words.map(({ word }, index) => {
    const place = text.indexOf(word.trim(), at);
    if (place < 0) return " ";
    const joined = index > 0 && place === at && word.trim() !== "";
    at = place + word.trim().length;
    return joined ? "" : " ";
  });
}

// ── paragraphs: as the text file has them, see formats/paragraphs.py ──

const SHORT = 500;
const PAUSE = 2.0;
const AUDIBLE_PAUSE = 0.3;
const LEAST = 150;
const LONG = 600;
const MOST = 1200;
const SENTENCE_END = /[.!?…。！？؟।]["'»”’)\]}›」』）】》]*$/;

// Returns the number of the unit that each paragraph begins with.
export function paragraphsOf(units) {
  if (!units.length) return [];
  let left = units.reduce((sum, unit) => sum + unit.text.length + 1, -1);
  const starts = [0];
  if (left <= SHORT) return starts;
  let length = 0;
  units.forEach((unit, index) => {
    length += unit.text.length + 1;
    left -= unit.text.length + 1;
    const following = units[index + 1];
    if (following && length >= LEAST && left >= LEAST && mayEnd(unit.text, following.start - unit.end, length)) {
      starts.push(index + 1);
      length = 0;
    }
  });
  return starts;
}

function mayEnd(text, pause, length) {
  if (!SENTENCE_END.test(text)) return pause >= PAUSE && length >= LONG;
  return pause >= PAUSE || length >= MOST || (length >= LONG && pause >= AUDIBLE_PAUSE);
}

// Returns the number of the unit that each segment begins with.
export const cuesOf = (units) => units.flatMap((unit, index) => (index && units[index - 1].segment === unit.segment ? [] : [index]));

// ── times ──

// How long a word stays marked after its end, in seconds, where nothing follows at once.
const LINGERS = 0.6;

// Returns the number of the unit that sounds at a time in seconds, or -1. Units are in the order of their starts.
export function unitAt(units, time) {
  let [low, high] = [0, units.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (units[middle].start <= time) low = middle + 1;
    else high = middle;
  }
  const last = low - 1;
  return last >= 0 && time < units[last].end + LINGERS ? last : -1;
}

const two = (number) => String(number).padStart(2, "0");

// Seconds as a clock: 0:07, 12:05, 1:02:03.
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
