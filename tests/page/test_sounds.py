"""What the browser keeps: sounds, recordings that were not sent, unfinished uploads, corrections."""

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Visits
from .modules import ask

JOB, OTHER, THIRD = "a" * 32, "b" * 32, "c" * 32
DAY_MS = 24 * 60 * 60 * 1000


def opened(context: BrowserContext, visits: Visits) -> Page:
    """Open the page in one more tab of the context."""
    page = context.new_page()
    page.goto(visits.stack.api_url)
    return page


@pytest.fixture
def context(visits: Visits) -> BrowserContext:
    return visits.context()


def kept(page: Page, job: str = JOB) -> str | None:
    """Return the sound of a job as text."""
    return ask(page, "sounds.js", "async ({soundOf}, id) => (await soundOf(id))?.text() ?? null", job)


def test_a_sound_is_there_in_the_next_tab_until_it_is_forgotten(context: BrowserContext, visits: Visits):
    page = opened(context, visits)
    assert kept(page) is None
    answer = ask(page, "sounds.js", "({keepSound}, id) => keepSound(id, new Blob(['sound']))", JOB)
    assert answer == {"kept": True, "why": None}
    page.close()
    page = opened(context, visits)
    assert kept(page) == "sound"
    ask(page, "sounds.js", "({forgetSound}, id) => forgetSound(id)", JOB)
    assert kept(page) is None


def test_the_oldest_sound_goes_where_the_browser_has_no_room(context: BrowserContext, visits: Visits):
    page = opened(context, visits)
    session = context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": visits.stack.api_url, "quotaSize": 6_000_000})
    use = "async ({keepSound}, id) => keepSound(id, new Blob([new Uint8Array(2_000_000).map(() => 256 * Math.random())]))"
    assert [ask(page, "sounds.js", use, job) for job in (JOB, OTHER, THIRD)] == [{"kept": True, "why": None}] * 3
    page.reload()
    has = "async ({soundOf}, id) => (await soundOf(id))?.size ?? null"
    assert (ask(page, "sounds.js", has, JOB), ask(page, "sounds.js", has, THIRD)) == (None, 2_000_000)


def test_what_is_too_big_for_the_browser_lives_as_long_as_the_tab(context: BrowserContext, visits: Visits):
    page = opened(context, visits)
    session = context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": visits.stack.api_url, "quotaSize": 100_000})
    use = "async ({keepSound}, id) => keepSound(id, new Blob([new Uint8Array(3_000_000)]))"
    assert ask(page, "sounds.js", use, JOB) == {"kept": False, "why": "full"}
    has = "async ({soundOf}, id) => (await soundOf(id))?.size ?? null"
    assert ask(page, "sounds.js", has, JOB) == 3_000_000
    page.reload()
    assert ask(page, "sounds.js", has, JOB) is None


def test_without_a_database_nothing_is_kept_and_nothing_breaks(context: BrowserContext, visits: Visits):
    page = context.new_page()
    page.add_init_script(
        "Object.defineProperty(globalThis, 'indexedDB', {value: {open() { throw new DOMException('no', 'SecurityError') }}})"
    )
    page.goto(visits.stack.api_url)
    use = """async (sounds, id) => [
        await sounds.keepSound(id, new Blob(['sound'])), await (await sounds.soundOf(id)).text(), await sounds.unfinishedRecordings(),
        await sounds.unfinishedUploads(), await sounds.keptCorrections(id), await sounds.forgetOld(1), await sounds.forgetAll(),
        await sounds.soundOf(id),
    ]"""
    assert ask(page, "sounds.js", use, JOB) == [{"kept": False, "why": "unavailable"}, "sound", [], [], [], None, None, None]


def test_sounds_live_as_long_as_the_texts(context: BrowserContext, visits: Visits):
    page = opened(context, visits)
    use = """async (sounds, [old, young, day]) => {
        const now = Date.now;
        Date.now = () => now() - 8 * day;
        await sounds.keepSound(old, new Blob(['old']));
        const {id, release} = await sounds.beginRecording('audio/webm');
        await sounds.addPiece(id, 0, new Blob(['old']), 1);
        release();
        Date.now = now;
        await sounds.keepSound(young, new Blob(['young']));
        await sounds.forgetOld(7);
        return [await sounds.soundOf(old), await (await sounds.soundOf(young)).text(), await sounds.unfinishedRecordings()];
    }"""
    assert ask(page, "sounds.js", use, [JOB, OTHER, DAY_MS]) == [None, "young", []]


def test_a_recording_in_an_open_tab_is_not_offered_in_another(context: BrowserContext, visits: Visits):
    page, other = opened(context, visits), opened(context, visits)
    use = """async ({beginRecording, addPiece}) => {
        const {id} = await beginRecording('audio/webm');
        for (const [number, piece] of ['one ', 'two ', 'three'].entries()) await addPiece(id, number, new Blob([piece]), number + 1);
        return id;
    }"""
    made = ask(page, "sounds.js", use)
    left = """async ({unfinishedRecordings, recordingOf}) => {
        const shown = async (each) => [each.id, each.seconds, await (await recordingOf(each)).text()];
        return Promise.all((await unfinishedRecordings()).map(shown));
    }"""
    closed = "async () => { while ((await navigator.locks.query()).held.length) await new Promise((go) => setTimeout(go, 20)); }"
    assert ask(other, "sounds.js", left) == []
    page.close()
    other.evaluate(closed)
    assert ask(other, "sounds.js", left) == [[made, 3, "one two three"]]
    ask(other, "sounds.js", "({forgetRecording}, id) => forgetRecording(id)", made)
    assert ask(other, "sounds.js", left) == []


def test_all_is_forgotten_at_once(context: BrowserContext, visits: Visits):
    page = opened(context, visits)
    use = """async (sounds, id) => {
        await sounds.keepSound(id, new Blob(['sound']));
        await sounds.keepUpload({id, file: new Blob(['file'])});
        await sounds.keepCorrections(id, [{segment: 0, word: 0, text: 'x'}]);
        const {id: recording, release} = await sounds.beginRecording('audio/webm');
        await sounds.addPiece(recording, 0, new Blob(['piece']), 1);
        release();
        const all = async () => [
            (await sounds.soundOf(id)) !== null, (await sounds.unfinishedUploads()).length, (await sounds.keptCorrections(id)).length,
            (await sounds.unfinishedRecordings()).length,
        ];
        const before = await all();
        await sounds.forgetAll();
        return [before, await all()];
    }"""
    assert ask(page, "sounds.js", use, JOB) == [[True, 1, 1, 1], [False, 0, 0, 0]]
