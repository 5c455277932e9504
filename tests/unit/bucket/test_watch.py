"""Files in the bucket found by looking."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pisar.bucket.watch import BucketWatch
from pisar.domain.jobs import CURRENT_JOB_ID, JobMessage
from pisar.errors import Misconfigured, Unavailable
from pisar.ports.storage import ListedObject, ObjectInfo, StoredObject
from tests.support.twins import ManualClock, MemoryJobQueue, MemoryObjectStore
from tests.unit.world import LIMITS, World

ROOM = 50
TALK = "uploads/talks/monday.ogg"
TEXT = "transcripts/talks/monday.ogg.txt"
ERROR = "transcripts/talks/monday.ogg.error.json"


class CountingStore(MemoryObjectStore):
    """Counts what is asked of it; `down` fails its listings."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock.now)
        self.asked: Counter[str] = Counter()
        self.down = False

    def get(self, key: str) -> StoredObject:
        self.asked["get"] += 1
        return super().get(key)

    def look(self, key: str) -> ObjectInfo:
        self.asked["look"] += 1
        return super().look(key)

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        self.asked["put"] += 1
        return super().put(key, body, if_absent=if_absent, if_match=if_match)

    def entries(self, prefix: str) -> Iterator[ListedObject]:
        self.asked["list"] += 1
        if self.down:
            raise Unavailable("down")
        return super().entries(prefix)


class ShakyQueue(MemoryJobQueue):
    down = False

    def put(self, message: JobMessage) -> None:
        if self.down:
            raise Unavailable("down")
        super().put(message)


@dataclass
class Bucket(World):
    queue: ShakyQueue = field(default_factory=ShakyQueue)
    received: list[str] = field(default_factory=list)
    over_broker: bool = True
    max_waiting: int = ROOM

    def __post_init__(self) -> None:
        self.store: CountingStore = CountingStore(self.clock)
        super().__post_init__()
        self.watch = self.new_watch()

    def new_watch(self) -> BucketWatch:
        """What a process that starts now has."""
        return BucketWatch(self.store, self.receive)

    def receive(self, key: str) -> None:
        self.received.append(key)
        self.drops.receive(key)

    def look(self, watch: BucketWatch | None = None) -> None:
        (watch or self.watch).look()
        self.clock.advance(1)
        self.work_off()
        self.clock.advance(1)

    def jobs(self) -> int:
        return len(self.stored("jobs/"))


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


def test_a_dropped_file_is_found_and_becomes_text(bucket: Bucket):
    bucket.look()
    bucket.store.put(TALK, b"hello there")
    bucket.look()
    assert bucket.store.get(TEXT).body == b"hello there\n"


def test_a_file_is_given_to_the_intake_once_however_often_the_bucket_is_looked_at(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    for _ in range(5):
        bucket.look()
    assert bucket.received == [TALK]


def test_a_look_at_files_that_are_known_costs_two_listings_and_nothing_else(bucket: Bucket):
    for number in range(50):
        bucket.store.put(f"uploads/{number}.ogg", f"word {number}".encode())
    bucket.look()
    bucket.store.asked.clear()
    bucket.look()
    assert bucket.store.asked == {"list": 2}


def test_the_first_look_of_another_process_begins_nothing_that_was_answered(bucket: Bucket):
    for number in range(20):
        bucket.store.put(f"uploads/{number}.ogg", f"word {number}".encode())
    bucket.look()
    bucket.received.clear()
    bucket.store.asked.clear()
    bucket.look(bucket.new_watch())
    assert (bucket.received, bucket.store.asked) == ([], {"list": 3})


def test_a_file_that_was_answered_is_not_begun_again_when_its_record_is_gone(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    bucket.look()
    for key in bucket.stored("jobs/"):
        bucket.store.delete(key)
    bucket.look(bucket.new_watch())
    assert bucket.jobs() == 0


def test_a_file_that_was_replaced_while_nobody_looked_is_begun(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    bucket.look()
    bucket.store.put(TALK, b"good bye")
    bucket.look(bucket.new_watch())
    assert bucket.store.get(TEXT).body == b"good bye\n"


def test_a_file_that_was_replaced_is_found_by_its_tag(bucket: Bucket):
    for said in (b"hello", b"good bye"):
        bucket.store.put(TALK, said)
        bucket.look()
    assert bucket.store.get(TEXT).body == b"good bye\n"
    assert bucket.jobs() == 2


def test_a_file_that_is_written_again_with_other_options_is_found_though_its_content_is_the_same(bucket: Bucket):
    for formats in ("srt", "vtt"):
        bucket.store.drop(TALK, b"hello", {"pisar-formats": formats})
        bucket.look()
        assert bucket.stored("transcripts/") == [f"{TEXT.removesuffix('.txt')}.{formats}"]


def test_a_file_that_was_taken_out_and_laid_there_again_is_one_job(bucket: Bucket):
    for _ in range(2):
        bucket.store.put(TALK, b"hello")
        bucket.look()
        bucket.store.delete(TALK)
        bucket.look()
    assert (bucket.received, bucket.jobs()) == ([TALK, TALK], 1)


def test_two_processes_that_look_at_once_make_one_job(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    other = bucket.new_watch()
    bucket.watch.look()
    other.look()
    assert (bucket.received, bucket.jobs(), len(bucket.queue)) == ([TALK, TALK], 1, 1)


def test_what_can_not_be_followed_leaves_its_error_once(bucket: Bucket):
    bucket.store.put("uploads/talks/pisar.json", b"not json")
    bucket.store.put(TALK, b"hello")
    bucket.look()
    bucket.store.delete(ERROR)
    bucket.look()
    assert bucket.stored("transcripts/") == []


def test_an_error_counts_as_an_answer_for_another_process(bucket: Bucket):
    bucket.store.put(TALK, b"x" * (LIMITS.max_bytes + 1))
    bucket.watch.look()
    bucket.clock.advance(1)
    # The refusal bears the time of the file, so the next process gives it to the intake once more, and then it is the younger.
    bucket.look(bucket.new_watch())
    bucket.received.clear()
    bucket.look(bucket.new_watch())
    assert bucket.received == []


def test_a_file_that_could_not_be_queued_is_taken_up_by_the_next_look(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    bucket.store.put("uploads/zebra.ogg", b"stripes")
    bucket.queue.down = True
    bucket.look()
    assert bucket.stored("transcripts/") == []
    bucket.queue.down = False
    bucket.look()
    assert {TEXT, "transcripts/zebra.ogg.txt"} <= set(bucket.stored("transcripts/"))


def test_a_bucket_that_can_not_be_listed_is_looked_at_again_and_nothing_is_forgotten(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    bucket.look()
    bucket.store.down = True
    with pytest.raises(Unavailable):
        bucket.watch.look()
    bucket.store.down = False
    bucket.look()
    assert bucket.received == [TALK]


def test_what_no_later_look_could_help_is_not_tried_again(bucket: Bucket):
    def refuse(key: str) -> None:
        bucket.received.append(key)
        raise Misconfigured("no")

    watch = BucketWatch(bucket.store, refuse)
    bucket.store.put(TALK, b"hello")
    watch.look()
    watch.look()
    assert bucket.received == [TALK]


def test_a_file_that_fails_in_an_unforeseen_way_hides_no_other_and_is_tried_again(bucket: Bucket):
    def stumble(key: str) -> None:
        bucket.received.append(key)
        if key == TALK and bucket.received.count(TALK) == 1:
            raise ZeroDivisionError

    watch = BucketWatch(bucket.store, stumble)
    bucket.store.put(TALK, b"hello")
    bucket.store.put("uploads/zebra.ogg", b"stripes")
    for _ in range(3):
        watch.look()
    assert bucket.received == [TALK, "uploads/zebra.ogg", TALK]


def test_the_audio_of_a_clients_job_is_found_too(bucket: Bucket):
    bucket.store.put("incoming/0123", b"hello")
    bucket.look()
    assert bucket.received == ["incoming/0123"]


def test_results_and_records_are_no_files_to_take_in(bucket: Bucket):
    for key in ("transcripts/talks/monday.ogg.txt", "audio/1", "jobs/1.json", "upload/1.ogg"):
        bucket.store.put(key, b"x")
    bucket.watch.look()
    assert bucket.received == []


def test_a_look_ends_where_it_is_told_to_and_the_rest_is_not_taken_for_known(bucket: Bucket):
    for number in range(3):
        bucket.store.put(f"uploads/{number}.ogg", b"hello")
    bucket.watch.look(lambda: len(bucket.received) == 1)
    assert bucket.received == ["uploads/0.ogg"]
    bucket.watch.look()
    assert sorted(set(bucket.received)) == ["uploads/0.ogg", "uploads/1.ogg", "uploads/2.ogg"]


def test_no_line_of_the_log_is_given_to_the_job_before(bucket: Bucket):
    bucket.store.put(TALK, b"hello")
    bucket.watch.look()
    assert CURRENT_JOB_ID.get() is None
