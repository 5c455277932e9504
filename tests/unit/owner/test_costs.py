"""The month's price, by hand and by its properties."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisar.domain.messages import Incoming, Media
from pisar.owner import costs, prices
from pisar.owner.costs import Usage
from pisar.ports.storage import StoredObject
from tests.support.twins import MemoryObjectStore
from tests.unit.world import CHAT, World

BEGIN, END = "<!-- cost:begin -->", "<!-- cost:end -->"
THOUSAND = Usage(messages_per_day=1_000)
USAGES = st.builds(
    Usage,
    messages_per_day=st.integers(0, 1_000_000),
    seconds_per_message=st.floats(0.1, 3600),
    real_time_factor=st.floats(0.01, 10),
)
PRICED = [rub for _, rub in costs.ITEMS] + [costs.speechkit_sync_rub, costs.speechkit_deferred_rub]


def test_the_container_by_hand():
    # 30,000 messages of 20 s × 0.5 + 2 s = 12 s are 100 h: 200 vCPU-h less 5, 400 GB-h less 10, calls free
    assert costs.container_rub(THOUSAND) == pytest.approx(195 * 5.69 + 390 * 3.79)


def test_the_function_and_the_gateway_by_hand():
    # 300,000 messages of 1 s at half a GB are 41.67 GB-h, less 10; 300,000 requests, less 100,000
    ten_thousand = replace(THOUSAND, messages_per_day=10_000)
    assert costs.function_rub(ten_thousand) == pytest.approx((300_000 * 0.5 / 3600 - 10) * 6.48)
    assert costs.gateway_rub(ten_thousand) == pytest.approx(0.2 * 142.3)


def test_the_storage_by_hand():
    # 450,000 writes less 10,000; 150,000 reads less 100,000; 30,000 × 3 kB are under 1 GB
    assert costs.storage_rub(THOUSAND) == pytest.approx(440 * 0.5692 + 5 * 0.46)


def test_logs_cost_only_beyond_five_gib():
    assert costs.logging_rub(replace(THOUSAND, log_bytes_per_message=2**30 // 30_000)) == 0
    assert costs.logging_rub(replace(THOUSAND, log_bytes_per_message=2**30)) == pytest.approx((30_000 - 5) * 25.55)


def test_the_queue_has_no_price_but_a_number_of_requests_beyond_the_free_ones():
    assert [costs.queue_requests_beyond_free(usage) for usage in costs.SHOWN] == [0, 0, 0, 200_000]


@pytest.mark.parametrize(("seconds", "sync_blocks", "deferred_blocks"), [(3, 1, 1.0), (15, 1, 1.0), (16, 2, 16 / 15), (20, 2, 20 / 15)])
def test_speechkit_by_hand(seconds: float, sync_blocks: int, deferred_blocks: float):
    usage = replace(THOUSAND, seconds_per_message=seconds)
    assert costs.speechkit_sync_rub(usage) == pytest.approx(30_000 * sync_blocks * 0.1626)
    assert costs.speechkit_deferred_rub(usage) == pytest.approx(30_000 * deferred_blocks * 0.0381)


@pytest.mark.parametrize(
    ("vcpus", "gb", "factor", "rub"), [(4, 8, 0.25, 13.27), (2, 4, 0.5, 13.27), (1, 2, 1.0, 13.27), (3, 6, 1.0, 39.81), (2, 4, 1.0, 26.54)]
)
def test_an_hour_of_audio_by_hand(vcpus: int, gb: float, factor: float, rub: float):
    assert round(costs.rub_per_audio_hour(real_time_factor=factor, vcpus=vcpus, gb=gb), 2) == rub


def test_ten_messages_a_day_are_within_the_free_allowance():
    assert costs.total_rub(Usage(messages_per_day=10)) == 0


@given(USAGES)
def test_nothing_is_ever_below_zero(usage: Usage):
    assert min(rub(usage) for rub in PRICED) >= 0


@given(USAGES, st.integers(0, 1_000_000))
def test_more_messages_never_cost_less(usage: Usage, more: int):
    busier = replace(usage, messages_per_day=usage.messages_per_day + more)
    assert [rub(busier) >= rub(usage) for rub in PRICED] == [True] * len(PRICED)


@given(USAGES, st.floats(0, 3600), st.floats(0, 10))
def test_longer_messages_and_slower_machines_never_cost_less(usage: Usage, longer: float, slower: float):
    worse = replace(usage, seconds_per_message=usage.seconds_per_message + longer, real_time_factor=usage.real_time_factor + slower)
    assert [rub(worse) >= rub(usage) for rub in PRICED] == [True] * len(PRICED)


class CountingStore(MemoryObjectStore):
    """Counts what the cloud would bill."""

    puts = gets = lists = 0

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        self.lists += 1  # a page of a thousand
        return super().keys(prefix, after=after)

    def put(self, key: str, body: bytes, *, if_absent: bool = False, if_match: str | None = None) -> str:
        self.puts += 1
        return super().put(key, body, if_absent=if_absent, if_match=if_match)

    def get(self, key: str) -> StoredObject:
        self.gets += 1
        return super().get(key)


@pytest.mark.parametrize(("minutes_per_day", "more_puts", "more_gets"), [(None, 0, 0), (60, 1, 2)])
def test_a_voice_message_makes_as_many_requests_as_are_billed(minutes_per_day: float | None, more_puts: int, more_gets: int):
    store = CountingStore()
    world = World(store=store, minutes_per_day=minutes_per_day)
    world.conversation.receive(spoken(world, 1, "one two"))
    world.work_off()
    store.puts = store.gets = store.lists = 0  # the first one measured the engine's pace, which is written twice a minute at most
    world.conversation.receive(spoken(world, 2, "three four"))
    world.work_off()
    assert world.shown() == ["one two", "three four"]
    assert (store.puts + store.lists, store.gets) == (costs.PUTS_PER_MESSAGE + more_puts, costs.GETS_PER_MESSAGE + more_gets)


def spoken(world: World, number: int, text: str) -> Incoming:
    world.files.add(f"file-{number}", text.encode())
    media = Media(kind="voice", file_id=f"file-{number}", unique_id=str(number))
    return Incoming(chat_id=CHAT, chat_type="private", message_id=number, user_id=CHAT, media=media)


def test_the_table_is_put_between_the_markers_and_nothing_else_changes():
    document = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    assert costs.with_table(document) == f"above\n{BEGIN}\n{costs.table()}{END}\nbelow\n"
    assert costs.with_table(costs.with_table(document)) == costs.with_table(document)


def test_the_command_writes_a_table_that_its_check_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "README.md"
    path.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    assert costs.main(["--check", str(path)]) == 1
    assert "make docs" in capsys.readouterr().err
    assert costs.main([str(path)]) == 0
    assert costs.main(["--check", str(path)]) == 0


def test_the_prices_say_their_date_and_source():
    assert prices.VALID_FROM.isoformat() in costs.table()
    assert prices.SOURCE in costs.table().replace("\n", " ")
