// Asks for the key, once.

import * as api from "./api.js";
import { couldBeKey, tidied } from "./key.js";
import { Icon, ProblemNotice, Title } from "./widgets.js";
import { html, usePage, useRef, useState } from "./ui.js";

export function Welcome() {
  const page = usePage();
  const { t } = page;
  const input = useRef(null);
  const [seen, setSeen] = useState(false);
  const [remember, setRemember] = useState(false);
  const [wrong, setWrong] = useState(page.refused ? "key.wrong" : null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const refuse = (why) => {
    setWrong(why);
    input.current.focus();
  };
  const enter = async (event) => {
    event?.preventDefault();
    if (busy) return;
    setProblem(null);
    const key = tidied(input.current.value);
    if (!key) return refuse("key.empty");
    if (!couldBeKey(key)) return refuse("key.odd");
    setWrong(null);
    setBusy(true);
    try {
      const me = await api.me(key);
      page.takeKey(key, remember, me);
    } catch (error) {
      setBusy(false);
      if (error.code === "unauthorized") refuse("key.wrong");
      else setProblem(error);
    }
  };
  return html`
    <${Title} text=${t("welcome.title")} />
    <p class="lead">${t("welcome.text")}</p>
    <form class="card narrow" onSubmit=${enter} novalidate>
      <div class="field">
        <label for="key">${t("key.label")}</label>
        <div class="joined">
          <input
            id="key"
            ref=${input}
            type=${seen ? "text" : "password"}
            autocomplete="current-password"
            autocapitalize="off"
            autocorrect="off"
            spellcheck=${false}
            aria-invalid=${wrong ? "true" : undefined}
            aria-describedby=${wrong ? "key-wrong" : undefined}
          />
          <button type="button" class="button icon" aria-label=${t(seen ? "key.hide" : "key.show")} title=${t(seen ? "key.hide" : "key.show")} aria-pressed=${String(seen)} onClick=${() => setSeen(!seen)}>
            <${Icon} name="eye" />
          </button>
        </div>
        ${wrong && html`<p class="field-error" id="key-wrong" role="alert">${t(wrong)}</p>`}
      </div>
      <label class="check">
        <input type="checkbox" checked=${remember} onChange=${(event) => setRemember(event.target.checked)} aria-describedby="remember-hint" />
        ${t("key.remember")}
      </label>
      <p class="hint" id="remember-hint">${t("key.remember.hint")}</p>
      ${problem && html`<${ProblemNotice} problem=${problem} onRetry=${() => enter()} />`}
      <button type="submit" class="button primary" aria-disabled=${busy ? "true" : undefined}>${t(busy ? "key.checking" : "key.enter")}</button>
      <details>
        <summary>${t("key.where")}</summary>
        <p>${t("key.where.text")}</p>
      </details>
    </form>
  `;
}
