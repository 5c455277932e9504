// A part of the page that is loaded when it is first needed, so that the first load stays small.

import { Loading, Notice } from "./widgets.js";
import { html, useEffect, usePage, useState } from "./ui.js";

// `load`: () => import(…); `part`: the component's name in it; all else goes to the component.
export function Later({ load, part, ...rest }) {
  const { t } = usePage();
  const [Part, setPart] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let here = true;
    load().then(
      (found) => here && setPart(() => found[part]),
      () => here && setFailed(true),
    );
    return () => {
      here = false;
    };
  }, []);
  if (failed) {
    // The server has a newer page, whose files have other addresses; or there is no network.
    return html`
      <${Notice} kind="warn" actions=${html`<button type="button" class="button" onClick=${() => location.reload()}>${t("app.reload")}</button>`}>
        <p>${t(navigator.onLine === false ? "problem.offline" : "app.updated")}</p>
      <//>
    `;
  }
  return Part ? html`<${Part} ...${rest} />` : html`<${Loading} />`;
}
