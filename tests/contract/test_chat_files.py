"""What every ChatFiles does."""

import pytest

from pisar.errors import Rejected, Rejection


def test_a_file_comes_as_it_was_sent(sent):
    file_id = sent.add(bytes(range(256)) * 1000)
    assert sent.files.fetch(file_id, max_bytes=256_000) == bytes(range(256)) * 1000


def test_a_file_above_the_limit_is_rejected_with_both_sizes(sent):
    file_id = sent.add(bytes(3 * 2**20))
    with pytest.raises(Rejected) as caught:
        sent.files.fetch(file_id, max_bytes=2**20)
    assert (caught.value.code, caught.value.details) == (Rejection.TOO_BIG, {"size_mb": 3.0, "limit_mb": 1})


def test_an_unknown_file_is_unavailable(sent):
    with pytest.raises(Rejected) as caught:
        sent.files.fetch("unknown", max_bytes=1)
    assert (caught.value.code, caught.value.details) == (Rejection.FILE_UNAVAILABLE, {})
