"""Checks by experiment whether a store keeps the promises that Pisar's state rests on, and returns findings in plain words.

Pisar has no database: of two workers that claim a job, the store lets one write. A store that ignores If-None-Match or If-Match seems to
work until two workers answer the same message, so this check comes before anything else starts. The check writes only under `PREFIX`, and
erases what it wrote.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

from pisar.errors import Conflict, Misconfigured, Missing, PisarError, Unavailable
from pisar.owner.bot_check import Finding
from pisar.ports.storage import BucketMaker, FormSender, ObjectStore, UploadForms

PREFIX = "check/"
RACERS = 8
RACES = 5
"""How many races are run: a store that looks first and writes later loses about one in two, and so is nearly always caught."""

FORM_BYTES = 64
FORM_SECONDS = 300
HTTP_OK = range(200, 300)

OTHER_STORE = "Two workers would take the same job. Use a store that honours it; docs/vm.md names some."

Part = tuple[str, Callable[[str], Iterator[Finding]]]


class StorageCheck:
    """Checks a bucket. `forms` may make its forms for another address of the same store; `sender` posts them."""

    def __init__(self, bucket: BucketMaker, store: ObjectStore, forms: UploadForms, sender: FormSender) -> None:
        self._bucket = bucket
        self._store = store
        self._forms = forms
        self._sender = sender

    def run(self, *, create: bool = False) -> list[Finding]:
        """Return the findings. Without the bucket nothing else is checked; `create` makes it."""
        found = self._tried("bucket", lambda _: self._made(create=create), "")
        if not all(one.fine for one in found):
            return found
        parts: tuple[Part, ...] = (
            ("reading and writing", self._reading),
            ("If-None-Match", self._creating),
            ("If-Match", self._replacing),
            ("many at once", self._racing),
            ("listing", self._listing),
            ("upload forms", self._posting),
        )
        folder = f"{PREFIX}{uuid4().hex}/"
        try:
            for about, look in parts:
                found += self._tried(about, look, folder)
        finally:
            with suppress(PisarError):
                for key in [*self._store.keys(folder)]:
                    self._store.delete(key)
        return found

    def _tried(self, about: str, look: Callable[[str], Iterator[Finding]], folder: str) -> list[Finding]:
        found: list[Finding] = []
        try:
            found += look(folder)
        except Misconfigured as error:
            found.append(Finding(False, about, "refused", f"{error}"))
        except PisarError as error:
            found.append(Finding(False, about, f"failed: {error or type(error).__name__}", "Look at the store's own log, and try again."))
        return found

    def _made(self, *, create: bool) -> Iterator[Finding]:
        if self._bucket.exists():
            yield Finding(True, "bucket", "there")
        elif create:
            self._bucket.make()
            yield Finding(True, "bucket", "made")
        else:
            yield Finding(False, "bucket", "there is none", "Make it, or let `pisar storage check --create` do so.")

    def _reading(self, folder: str) -> Iterator[Finding]:
        key = f"{folder}ё one.txt"
        tag = self._store.put(key, b"one")
        stored, seen = self._store.get(key), self._store.look(key)
        self._store.delete(key)
        self._store.delete(key)
        gone = _is_missing(lambda: self._store.get(key))
        well = (stored.body, stored.etag, seen.etag, seen.size_bytes, gone) == (b"one", tag, tag, 3, True)
        yield Finding(well, "reading and writing", "works" if well else "what was written is not what is read", "" if well else OTHER_STORE)

    def _creating(self, folder: str) -> Iterator[Finding]:
        key = f"{folder}created"
        self._store.put(key, b"first", if_absent=True)
        refused = _is_conflict(lambda: self._store.put(key, b"second", if_absent=True))
        well = refused and self._store.get(key).body == b"first"
        yield _promise("If-None-Match", well, "a second writer is refused", "it writes over what is there")

    def _replacing(self, folder: str) -> Iterator[Finding]:
        key = f"{folder}replaced"
        old = self._store.put(key, b"first")
        new = self._store.put(key, b"second", if_match=old)
        refused = _is_conflict(lambda: self._store.put(key, b"third", if_match=old))
        well = refused and self._store.get(key).body == b"second"
        yield _promise("If-Match", well, "who knows an older version is refused", "it writes over a version that the writer has not seen")
        self._store.delete(key)
        refused = _is_conflict(lambda: self._store.put(key, b"fourth", if_match=new))
        yield _promise("If-Match", refused, "what was erased is not brought back", "it brings back what was erased")

    def _racing(self, folder: str) -> Iterator[Finding]:
        with ThreadPoolExecutor(RACERS) as racers:
            for about, replaces in (("If-None-Match", False), ("If-Match", True)):
                keys = [f"{folder}race/{about}{number}" for number in range(RACES)]
                winners = [self._winners(racers, key, replaces=replaces) for key in keys]
                most = max(winners)
                well = winners == [1] * RACES
                bad = f"{most} of {RACERS} writers were told that they were first" if most > 1 else "none of many writers got through"
                yield _promise(f"{about}, many at once", well, f"of {RACERS} writers one wins", bad)

    def _winners(self, racers: ThreadPoolExecutor, key: str, *, replaces: bool) -> int:
        tag = self._store.put(key, b"before") if replaces else None

        def write(number: int) -> bool:
            try:
                self._store.put(key, f"racer {number}".encode(), if_absent=not replaces, if_match=tag)
            except (Conflict, Unavailable):  # a store may also say that it is too busy with the others
                return False
            return True

        return sum(racers.map(write, range(RACERS)))

    def _listing(self, folder: str) -> Iterator[Finding]:
        names = [f"{folder}list/{name}" for name in ("b/10", "b/2", "b/ё c.ogg")]
        for key in (*names, f"{folder}list/bb", f"{folder}list/a"):
            self._store.put(key, b"")
        listed = list(self._store.keys(f"{folder}list/b/"))
        after = list(self._store.keys(f"{folder}list/b/", after=names[0]))
        well = (listed, after) == (names, names[1:])
        advice = "Lines, quotas and lists of jobs would be wrong. Use another store."
        yield Finding(well, "listing", "by prefix, in order" if well else "incomplete or out of order", "" if well else advice)

    def _posting(self, folder: str) -> Iterator[Finding]:
        key = f"{folder}posted"
        form = self._forms.form(key, max_bytes=FORM_BYTES, seconds=FORM_SECONDS)
        status = self._sender.post(form.url, form.fields, b"audio")
        took = status in HTTP_OK and not _is_missing(lambda: self._store.get(key))
        advice = "" if took else "`POST /jobs` gives such forms: without them only what fits into one request can be sent."
        yield Finding(took, "upload forms", "taken" if took else f"answered with {status}", advice)
        if not took:
            return
        elsewhere = f"{folder}elsewhere"
        self._sender.post(form.url, {**form.fields, "key": elsewhere}, b"audio")
        held = _is_missing(lambda: self._store.get(elsewhere))
        advice = (
            ""
            if held
            else "Whoever has a form could write over anything in the bucket. Use another store, or give no API keys to strangers."
        )
        yield Finding(held, "upload forms", "hold for their own object" if held else "write to other objects too", advice)
        self._sender.post(form.url, form.fields, b"0" * (FORM_BYTES + 1))
        limited = self._store.look(key).size_bytes <= FORM_BYTES
        advice = "" if limited else "Pisar looks at the size afterwards, so this costs only space."
        yield Finding(True, "upload forms", "refuse what is too large" if limited else "take files of any size", advice)


def _promise(about: str, well: bool, kept: str, broken: str) -> Finding:  # noqa: FBT001 - as in Finding itself
    return Finding(well, about, kept if well else broken, "" if well else OTHER_STORE)


def _is_conflict(write: Callable[[], object]) -> bool:
    try:
        write()
    except Conflict:
        return True
    return False


def _is_missing(read: Callable[[], object]) -> bool:
    try:
        read()
    except Missing:
        return True
    return False
