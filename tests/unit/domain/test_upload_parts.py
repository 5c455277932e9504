import pytest

from pisar.domain.upload_parts import MOST_PARTS, PART_BYTES, part_bytes, part_sizes

GIB = 2**30


@pytest.mark.parametrize("size", [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 200 * 2**20, MOST_PARTS * PART_BYTES, 9 * GIB, 1000 * GIB])
def test_the_parts_make_up_the_file_and_are_as_many_as_an_answer_can_name(size: int):
    parts = part_sizes(size)
    assert sum(parts.values()) == size
    assert list(parts) == list(range(1, len(parts) + 1))
    assert len(parts) <= MOST_PARTS
    assert set(list(parts.values())[:-1]) <= {part_bytes(size)}
    assert 0 < list(parts.values())[-1] <= part_bytes(size)


def test_a_part_has_eight_mebibytes_unless_there_were_too_many():
    assert part_bytes(200 * 2**20) == PART_BYTES
    assert part_bytes(9 * GIB) == 2 * PART_BYTES
