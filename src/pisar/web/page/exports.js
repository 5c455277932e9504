// Takes a text along: copied, or as a file. The server writes each format, with the corrections in it.

import { html, useState } from "./ui.js";
import { Icon } from "./widgets.js";

const FILES = [
  { format: "text", ending: "txt", type: "text/plain;charset=utf-8" },
  { format: "srt", ending: "srt", type: "application/x-subrip;charset=utf-8" },
  { format: "vtt", ending: "vtt", type: "text/vtt;charset=utf-8" },
  { format: "verbose_json", ending: "json", type: "application/json" },
];

const LONGEST_NAME = 120;

// A recording's name as that of a file: without its ending, and without what a system does not take.
export function fileName(name, otherwise, ending) {
  const stem = (name ?? "")
    .replace(/\.[a-z0-9]{2,4}$/i, "")
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]+/g, " ")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  return `${[...(stem || otherwise)].slice(0, LONGEST_NAME).join("")}.${ending}`;
}

export function save(text, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Copies a text that is still on its way. The clipboard is asked at once, since Safari gives it only to a click; it is not to be had at all
// on a page without HTTPS, where the old command is.
export async function copy(promise) {
  if (navigator.clipboard?.write && globalThis.ClipboardItem) {
    const blob = promise.then((text) => new Blob([text], { type: "text/plain" }));
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return;
    } catch {
      await promise; // its own problem is raised as it is
    }
  }
  const text = await promise;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByCommand(text);
  }
}

function copyByCommand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  field.setAttribute("aria-hidden", "true");
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus?.({ preventScroll: true });
  if (!done) throw new Error("refused");
}

// `fetchAs(format)` gives the text in a format, or raises a Problem. `unsaved`: how many corrections the server lacks.
export function Exports({ t, job, fetchAs, unsaved, complete, children }) {
  const [said, say] = useState(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (work, done) => {
    setBusy(true);
    say(null);
    try {
      await work();
      say({ text: unsaved ? `${done} ${t("export.unsaved", { count: unsaved })}` : done });
    } catch (problem) {
      say({ text: problem.sentence?.(t) ?? t("export.refused"), bad: true });
    } finally {
      setBusy(false);
    }
  };
  const copied = () => attempt(() => copy(fetchAs("text").then((text) => text.trimEnd())), t("export.copied"));
  const saved = ({ format, ending, type }) => {
    const name = fileName(job.name, t("export.name"), ending);
    return attempt(async () => save(await fetchAs(format), type, name), t("export.saved", { name }));
  };
  return html`
    <div class="exports" role="group" aria-label=${t("export.label")}>
      <button type="button" class="button" disabled=${!complete || busy} onClick=${copied}>
        <${Icon} name="copy" /> ${t("export.copy")}
      </button>
      ${FILES.map(
        (file) => html`
          <button
            type="button"
            class="button export-file"
            disabled=${!complete || busy}
            aria-label=${t("export.file", { ending: file.ending })}
            title=${t(`export.${file.ending}`)}
            onClick=${() => saved(file)}
          >
            .${file.ending}
          </button>
        `,
      )}
      ${children}
      <p class=${`exports-said${said?.bad ? " bad" : ""}`} role="status">${said?.text}</p>
    </div>
  `;
}
