// The page's settings: language, appearance, the key and what it may do.

import { LANGUAGES } from "./texts.js";
import { addressOf } from "./api.js";
import { size, span } from "./format.js";
import { isRemembered, masked } from "./key.js";
import { forgetAll } from "./sounds.js";
import { Bar, Confirm, Loading, ProblemNotice, Title } from "./widgets.js";
import { html, useEffect, usePage, useState } from "./ui.js";

const THEMES = ["auto", "light", "dark"];

export function Settings() {
  const page = usePage();
  const { t } = page;
  return html`
    <${Title} text=${t("settings.title")} />
    ${page.key && html`<${Key} />`}
    <section class="card">
      <${Choices} legend=${t("settings.language")} name="language" chosen=${page.language} onChoose=${page.chooseLanguage} choices=${Object.entries(LANGUAGES)} />
      <${Choices} legend=${t("settings.theme")} name="theme" chosen=${page.theme} onChoose=${page.chooseTheme} choices=${THEMES.map((each) => [each, t(`settings.theme.${each}`)])} />
    </section>
    <section class="card" aria-labelledby="about-title">
      <h2 id="about-title">${t("settings.about")}</h2>
      <p>${t("settings.about.text")}</p>
      <p>${t("settings.about.sound")}</p>
      <p><a href=${addressOf("/docs")}>${t("settings.about.api")}</a></p>
    </section>
  `;
}

export function Choices({ legend, name, chosen, onChoose, choices }) {
  return html`
    <fieldset class="choices">
      <legend>${legend}</legend>
      ${choices.map(([value, label]) => html`
        <label class="choice" key=${value} lang=${name === "language" ? value : undefined}>
          <input type="radio" name=${name} value=${value} checked=${chosen === value} onChange=${() => onChoose(value)} />${label}
        </label>
      `)}
    </fieldset>
  `;
}

function Key() {
  const page = usePage();
  const { t, me } = page;
  const [sure, setSure] = useState(false);
  const [problem, setProblem] = useState(null);
  const look = () => page.askMe().then(() => setProblem(null), setProblem);
  useEffect(() => {
    look();
  }, []);
  const forget = async () => {
    page.uploads.pauseAll();
    await forgetAll();
    page.forgetEverything();
    page.say(t("settings.forgotten"));
  };
  return html`
    <section class="card" aria-labelledby="key-title">
      <h2 id="key-title">${t("settings.key")}</h2>
      ${problem && html`<${ProblemNotice} problem=${problem} onRetry=${look} />`}
      ${!me && !problem && html`<${Loading} />`}
      <dl class="facts">
        ${me && html`<dt>${t("settings.key.name")}</dt><dd>${me.name}</dd>`}
        <dt>${t("settings.key.is")}</dt>
        <dd><code>${masked(page.key)}</code><br /><span class="hint">${t(isRemembered() ? "settings.key.remembered" : "settings.key.session")}</span></dd>
        ${me && html`
          <dt>${t("settings.minutes")}</dt>
          <dd><${Minutes} me=${me} /></dd>
          <dt>${t("settings.file")}</dt>
          <dd>${t("settings.file.limits", { size: size(t, me.max_bytes), span: span(t, me.max_minutes * 60) })}</dd>
          <dt>${t("settings.keep")}</dt>
          <dd>${t("settings.days", { count: me.keep_days })}</dd>
        `}
      </dl>
      <div class="actions">
        ${!isRemembered() && html`<button type="button" class="button" onClick=${() => page.takeKey(page.key, true)}>${t("settings.key.remember")}</button>`}
        <button type="button" class="button danger" onClick=${() => setSure(true)}>${t("settings.forget")}</button>
      </div>
      ${sure && html`
        <${Confirm} title=${t("settings.forget.sure")} text=${t("settings.forget.text")} yes=${t("settings.forget")} onYes=${forget} onClose=${() => setSure(false)} />
      `}
    </section>
  `;
}

function Minutes({ me }) {
  const { t } = usePage();
  if (me.minutes_per_day === null) return t("settings.minutes.any");
  const left = Math.max(0, Math.floor(me.minutes_left));
  const when = t.moment(Date.parse(me.resets_at));
  return html`
    <${Bar} label=${t("settings.minutes")} value=${me.minutes_per_day ? left / me.minutes_per_day : 0} still=${true} />
    ${t("settings.minutes.left", { left: t("span.minutes", { n: left }), all: span(t, me.minutes_per_day * 60), when })}
  `;
}
