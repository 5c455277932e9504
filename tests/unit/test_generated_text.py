"""What stands between markers is put there anew, and nothing else is touched."""

import pytest

from pisar.generated_text import with_part

BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"


def test_only_what_stands_between_the_markers_changes():
    fresh = with_part(f"above\n{BEGIN}\nold\n{END}\nbelow\n", "table", "new\n")
    assert fresh == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    assert with_part(fresh, "table", "new\n") == fresh


@pytest.mark.parametrize("broken", ["", BEGIN, f"{END}{BEGIN}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_document_without_its_markers_is_refused(broken: str):
    with pytest.raises(ValueError, match="table:begin"):
        with_part(broken, "table", "part")
