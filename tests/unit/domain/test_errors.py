"""Errors: which fields they name, and whom their sentences are for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.limits import check_day, check_storage
from reelgate.domain.errors import FieldError, InvalidRequest, TooLarge, WeakPassword, collect
from reelgate.domain.files.names import clean_filename, clean_size
from tests.fixtures.bookkeeping import POLICY

SOURCE = Path(errors.__file__).parents[2]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ACCOUNT = Account(uid="ada", created_at=NOON, today=Day(date=NOON.date()))
MB = 1_000_000


def test_all_wrong_fields_are_named_at_once() -> None:
    def clean() -> None:
        with collect() as fields:
            fields.check(clean_filename, "a/b.mp4")
            fields.check(clean_size, 5)
            fields.check(clean_size, 0, field="limit_bytes")
            assert fields.failed

    with pytest.raises(InvalidRequest) as refused:
        clean()
    error = refused.value
    assert [wrong.field for wrong in error.errors] == ["filename", "limit_bytes"]
    assert error.field == "filename"
    assert error.detail == " ".join(wrong.message for wrong in error.errors)
    assert "The limit must be a whole number of bytes" in error.detail


def test_what_is_right_is_returned() -> None:
    with collect() as fields:
        name = fields.check(clean_filename, "a.mp4")
        size = fields.check(clean_size, 5)
        assert not fields.failed
    assert (name, size) == ("a.mp4", 5)


def test_a_single_error_keeps_its_kind_and_hint() -> None:
    def weak() -> None:
        raise WeakPassword("Choose a longer one.", field="password", hint="At least 12 characters.")

    with pytest.raises(WeakPassword) as refused, collect() as fields:
        fields.check(weak)
    assert refused.value.hint == "At least 12 characters."
    assert refused.value.errors == (FieldError("password", "Choose a longer one."),)


def test_hints_of_several_errors_are_kept_once() -> None:
    def clean() -> None:
        with collect() as fields:
            for name in ("a", "b"):
                fields.add(InvalidRequest("It is wrong.", field=name, hint="See the docs."))
            fields.add(InvalidRequest("The request is empty."))

    with pytest.raises(InvalidRequest) as refused:
        clean()
    assert refused.value.hint == "See the docs."
    assert [wrong.field for wrong in refused.value.errors] == ["a", "b"]


def test_other_errors_are_not_collected() -> None:
    def large() -> None:
        raise TooLarge("It is too large.", limit=1)

    def clean() -> None:
        with collect() as fields:
            fields.check(clean_size, 0)
            fields.check(large)

    with pytest.raises(TooLarge):
        clean()


def test_an_error_of_no_field_names_none() -> None:
    assert InvalidRequest("The request is empty.").errors == ()
    assert InvalidRequest("The request is empty.").field is None


def test_the_storage_left_is_in_human_units() -> None:
    policy = replace(POLICY, default_limits=replace(POLICY.default_limits, storage_bytes=50 * MB))
    with pytest.raises(errors.StorageLimitExceeded) as refused:
        check_storage(replace(ACCOUNT, stored=37_800_000), 18_500_000, policy)
    assert refused.value.detail == "This video is 18.5 MB; 12.2 MB are left in your storage."
    with pytest.raises(errors.StorageLimitExceeded) as refused:
        check_storage(replace(ACCOUNT, stored=37_800_000, reserved=12_199_999), 2 * MB, policy, grows=True)
    assert refused.value.detail == "This upload needs 2.0 MB more; 1 byte is left in your storage."


@pytest.mark.parametrize(
    ("traffic", "streamed", "zone", "detail"),
    [
        (
            "upload",
            0,
            "UTC",
            "This video is 18.5 MB; 10.0 MB are left of your daily limit, which resets at midnight (UTC).",
        ),
        (
            "stream",
            10 * MB,
            "America/New_York",
            "Watching or downloading this takes 18.5 MB; "
            "your daily limit is used up and resets at midnight (America/New York).",
        ),
    ],
)
def test_the_day_s_limit_says_when_it_resets(traffic: errors.Traffic, streamed: int, zone: str, detail: str) -> None:
    limits = replace(POLICY.default_limits, daily_bytes=10 * MB)
    policy = replace(POLICY, default_limits=limits, zone=ZoneInfo(zone))
    account = replace(ACCOUNT, today=Day(date=policy.day_of(NOON), streamed=streamed))
    with pytest.raises(errors.BandwidthLimitExceeded) as refused:
        check_day(account, 18_500_000, policy, NOON, traffic=traffic)
    assert refused.value.detail == detail


KINDS = {name for name in errors.__all__ if isinstance(getattr(errors, name), type)}
FOR_DEVELOPERS = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE)\b|/[a-z]+|\w_\w|\b(JSON|token|null)\b|`")


def sentences() -> Iterator[tuple[str, str]]:
    """All details that are written where an error is made, each with its place."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in KINDS - {"FieldError"}:
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", words(node.args[0])


def words(text: ast.expr) -> str:
    """The fixed words of a string, without what is put into it."""
    if isinstance(text, ast.JoinedStr):
        return "".join(words(part) for part in text.values)
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else "…"


def test_details_are_for_people() -> None:
    """No paths, methods or field names: these are for developers, and in hints."""
    found = list(sentences())
    assert len(found) > 100
    assert [(place, text) for place, text in found if FOR_DEVELOPERS.search(text)] == []
    assert [(place, text) for place, text in found if text != "…" and not text.endswith((".", "…"))] == []
