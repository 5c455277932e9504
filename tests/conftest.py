"""What all tests share, and how `make test` spreads them over processes."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# An example that takes long says that the machine is busy, and nothing about the code.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")

# Which tests run in one process, one after another: a local cloud costs seconds of CPU to start, so the tests of one stay together.
# The first that fits counts, and they begin in this order: what mostly waits, and what takes long, before what is short.
# None: each may run in any process, since it starts its own cloud or none.
TOGETHER: tuple[tuple[str, str | None], ...] = (
    ("tests/faults/test_killed.py", "killed"),
    ("tests/hear/", "hear"),
    ("tests/brokers/test_redis.py", "redis"),
    ("tests/brokers/test_rabbitmq.py", "rabbitmq"),
    ("tests/brokers/test_sqs.py", "sqs"),
    ("tests/faults/test_long_recordings.py", "long recordings"),
    ("tests/brokers/test_doors.py", "doors over redis"),
    ("tests/brokers/test_status.py", "status"),
    ("tests/brokers/test_bucket_drops.py", "bucket drops"),
    ("tests/faults/test_foreign_systems.py", "foreign systems"),
    ("tests/e2e/test_contract.py", "contract"),
    ("tests/e2e/test_conversation.py", "conversation"),
    ("tests/faults/", "faults"),
    ("tests/e2e/test_bad_input.py", "bad input"),
    ("tests/e2e/test_many_callers.py", None),
    ("tests/e2e/test_commands.py::test_a_hop_that_is_not_passed_is_named", "stack"),
    ("tests/e2e/test_commands.py", None),
    ("tests/e2e/test_real_bot.py", None),
    ("tests/e2e/", "stack"),
    ("tests/doors/test_starts.py", None),
    ("tests/doors/", "doors"),
    ("tests/contract/test_depths.py", "depths"),
    ("tests/contract/", "storage"),
    ("tests/localstack/cloud/", "local cloud"),
)


class Spreading(LoadScopeScheduling):
    """Whole groups go to processes, in the order of the collection; tests of no group in TOGETHER go by their files."""

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """Take a process's collection. Its work is kept by name, and Schemathesis gives all its tests of one function the same."""
        seen: Counter[str] = Counter()
        named = []
        for nodeid in collection:
            seen[nodeid] += 1
            named.append(nodeid if seen[nodeid] == 1 else f"{nodeid} ({seen[nodeid]})")
        super().add_node_collection(node, named)

    def _split_scope(self, nodeid: str) -> str:
        _, group = _place(nodeid)
        return nodeid if group is None else group


def _place(nodeid: str) -> tuple[int, str | None]:
    for place, (beginning, group) in enumerate(TOGETHER):
        if nodeid.startswith(beginning):
            return place, group
    return len(TOGETHER), nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid)[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spreading:
    config.option.loadscopereorder = False  # the number of tests says nothing of how long they take
    return Spreading(config, log)
