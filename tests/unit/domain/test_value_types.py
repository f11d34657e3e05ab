"""Value types behave as frozen dataclasses with slots do, but for assignments, which mypy refuses."""

from __future__ import annotations

from dataclasses import field, replace

import pytest

from reelgate.domain.value_types import positional_value_type, value_type
from tests.fixtures.function_archives import ROOT


@value_type
class Shown:
    """A value."""

    name: str
    parts: tuple[str, ...] = ()
    read_at: int = field(default=0, compare=False)
    secret: str = field(default="", repr=False)


@value_type
class Other:
    """The same fields."""

    name: str
    parts: tuple[str, ...] = ()
    read_at: int = 0
    secret: str = ""


@value_type
class Empty:
    """No fields."""


@positional_value_type
class Pair:
    """A value of few fields."""

    left: int
    right: int = 2


def test_values_are_compared_and_hashed_by_their_fields() -> None:
    assert Shown(name="a", parts=("b",)) == Shown(name="a", parts=("b",))
    assert Shown(name="a") != Shown(name="b")
    assert Shown(name="a") != Other(name="a")
    assert Shown(name="a") != "a"
    assert {Shown(name="a"), Shown(name="a"), Other(name="a"), Empty(), Empty()} == {Shown(name="a"), Other(name="a"), Empty()}


def test_a_field_can_be_left_out_of_comparisons() -> None:
    assert Shown(name="a", read_at=1) == Shown(name="a", read_at=2)
    assert hash(Shown(name="a", read_at=1)) == hash(Shown(name="a", read_at=2))


def test_the_repr_is_that_of_a_dataclass_without_what_must_not_show() -> None:
    assert repr(Shown(name="a", secret="x")) == "Shown(name='a', parts=(), read_at=0)"


def test_arguments_are_given_by_name_unless_the_type_says_otherwise() -> None:
    with pytest.raises(TypeError, match="positional"):
        Shown("a")  # type: ignore[misc]
    assert Pair(1, 2) == Pair(left=1)


def test_a_changed_copy() -> None:
    assert replace(Shown(name="a", read_at=1), name="b") == Shown(name="b")


def test_other_attributes_are_refused() -> None:
    with pytest.raises(AttributeError, match="nmae"):
        Shown(name="a").nmae = "b"  # type: ignore[attr-defined]


@pytest.mark.parametrize("decorator", [value_type, positional_value_type])
def test_type_checkers_take_values_as_frozen(decorator: object) -> None:
    assert decorator.__dataclass_transform__["frozen_default"] is True  # type: ignore[attr-defined]


def test_no_class_of_the_product_is_frozen_at_the_expense_of_cold_starts() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")}
    assert sum("@value_type" in text for text in sources.values()) > 20
    assert [str(path) for path, text in sources.items() if "\n@dataclass(frozen=True" in text] == []
