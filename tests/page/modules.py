"""The page's modules, asked in the browser without the views."""

from typing import Any

from playwright.sync_api import Page


def ask(page: Page, module: str, use: str, argument: Any = None) -> Any:
    """Return what a JavaScript function `(module, argument) => …` finds out of a module of the page."""
    return page.evaluate(
        f"""async ([name, argument]) => {{
            const address = new URL(name, document.querySelector("script[type=module]").src).href;
            return await ({use})(await import(address), argument);
        }}""",
        [module, argument],
    )
