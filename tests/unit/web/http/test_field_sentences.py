"""Wrong types in words: every kind of message that msgspec has for our shapes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from reelgate.web.http.fields.field_sentences import field_in_words, joined, missing, sentence_about


class Item(Struct):
    part_size: Annotated[int, Meta(ge=1)]


@pytest.mark.parametrize(
    ("value", "kind", "sentence"),
    [
        ("x", int, "The limit must be a whole number."),
        ("x", int | None, "The limit must be a whole number or nothing."),
        (1.5, int, "The limit must be a whole number."),
        ("x", float, "The limit must be a number."),
        (0, Annotated[int, Meta(ge=1, le=5)], "The limit must be 1 or more."),
        (9, Annotated[int, Meta(ge=1, le=5)], "The limit must be 5 or less."),
        (None, str, "The limit must be a text."),
        ("x" * 6, Annotated[str, Meta(max_length=5)], "The limit must have 5 characters or less."),
        ("x", Annotated[str, Meta(pattern="^y$")], "The limit does not have the expected form."),
        ("c", Literal["a", "b"], "The limit must be one of a, b."),
        ("c", Annotated[Literal["a", "b"] | None, Meta(description="x")], "The limit must be one of a, b."),
        ("x", bool, "The limit must be true or false."),
        ("x", datetime, "The limit must be a point in time such as 2026-01-02T03:04:05Z."),
        (
            "2026-01-02T03:04:05",
            Annotated[datetime, Meta(tz=True)],
            "The limit must be a point in time such as 2026-01-02T03:04:05Z.",
        ),
        ("x", date, "The limit must be a day such as 2026-01-02."),
        (5, list[int], "The limit must be a list."),
        ([1] * 3, Annotated[list[int], Meta(max_length=2)], "The limit must have 2 items or less."),
        (5, Item, "The limit must be an object."),
        ([], Annotated[list[int], Meta(min_length=1)], "The limit must have 1 item or more."),
    ],
)
def test_what_is_wrong(value: object, kind: Any, sentence: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, kind, strict=False)
    assert sentence_about("limit", str(refused.value), kind) == sentence


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("filename", "file name"),
        ("parts[2].part_size", "part size"),
        ("sizes", "sizes"),
        ("sizes[0]", "size"),
        ("alert_percents[...]", "alert percent"),
        ("address[0]", "address"),
        ("to", "end"),
    ],
)
def test_which_field(path: str, words: str) -> None:
    assert field_in_words(path) == words


@pytest.mark.parametrize(("path", "sentence"), [("size", "The size is missing."), ("limits.scopes", "The scopes are missing.")])
def test_what_is_missing(path: str, sentence: str) -> None:
    assert missing(path) == sentence


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("size", 0, "The file is empty."),
        ("sizes[3]", 0, "The file is empty."),
        ("size", -1, "The size must be 1 or more."),
        ("parts[3].size", 0, "The size must be 1 or more."),
    ],
)
def test_an_empty_file_is_called_so(path: str, value: int, sentence: str) -> None:
    assert sentence_about(path, "Expected `int` >= 1", int, value) == sentence


def test_a_long_list_of_sentences_is_cut() -> None:
    assert joined(["A.", "B.", "A.", "C."]) == "A. B. C."
    assert joined(["A.", "B.", "C.", "D.", "E."]) == "A. B. C. And 2 more."
