"""A setting has a type and a name that mypy knows: mypy checks this file, and complains of an ignore that it does not need."""

from typing import assert_type

import pytest

from pisar.wiring import settings
from pisar.wiring.environment import positive, read, setting
from pisar.wiring.outside import Outside


def test_a_group_that_is_read_is_of_its_own_type() -> None:
    assert_type(read({}, settings.Limits), settings.Limits)
    assert_type(Outside({}).settings.limits, settings.Limits)
    assert_type(Outside({}).settings.limits.max_audio_minutes, float)


def test_a_setting_that_is_misspelt_is_found_by_mypy() -> None:
    with pytest.raises(AttributeError):
        _ = read({}, settings.Limits).max_audo_mb  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = Outside({}).settings.limitts  # type: ignore[attr-defined]


def test_a_default_is_of_the_type_that_is_parsed() -> None:
    setting("X", "A number.", positive, default="1")  # type: ignore[arg-type]
