"""What a first visit costs and asks for."""

from playwright.sync_api import Page, Request, expect

from .conftest import Visits

MAX_FIRST_LOAD_BYTES = 100_000


def loaded_by(page: Page, address: str) -> list[Request]:
    """Return the requests that ended well while the page came up."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("requestfinished", note)
    page.goto(address, wait_until="networkidle")
    expect(page.get_by_role("main")).to_be_visible()
    page.remove_listener("requestfinished", note)
    return asked


def test_the_first_load_is_under_100_kb_and_all_of_it_comes_compressed(visits: Visits):
    asked = loaded_by(visits.context().new_page(), visits.stack.api_url)
    sizes = {request.url.removeprefix(visits.stack.api_url): request.sizes() for request in asked}
    transferred = {name: size["responseBodySize"] + size["responseHeadersSize"] for name, size in sizes.items()}
    assert "/" in transferred
    assert len(transferred) > 5
    assert 0 < sum(transferred.values()) < MAX_FIRST_LOAD_BYTES, transferred
    assert [request.url for request in asked if (request.response().header_value("content-encoding")) != "gzip"] == []


def test_a_second_visit_loads_no_file_again(visits: Visits):
    page = visits.context().new_page()
    loaded_by(page, visits.stack.api_url)
    loaded_by(page, f"{visits.stack.api_url}/?again")
    files = page.evaluate("performance.getEntriesByType('resource').map((each) => [each.name, each.transferSize])")
    assert len(files) > 5
    assert [name for name, transferred in files if transferred > 0] == []
