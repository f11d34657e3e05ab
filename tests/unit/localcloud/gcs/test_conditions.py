"""Judging conditional headers without a server: dates to the second, tags with and without quotes."""

from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict

from localcloud.gcs.errors import NotModifiedError, StorageError
from localcloud.gcs.http.conditions import Representation

CHANGED = datetime(2026, 1, 1, 12, 0, 0, 900_000, tzinfo=UTC)
THEN = "Thu, 01 Jan 2026 12:00:00 GMT"
EARLIER = "Thu, 01 Jan 2026 11:59:59 GMT"
OBJECT = Representation('"abc"', CHANGED)


def outcome(headers: dict[str, str], what: Representation = OBJECT) -> int:
    try:
        what.check_read(CIMultiDict(headers))
    except NotModifiedError:
        return 304
    except StorageError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If-None-Match": '"abc"'}, 304),
        ({"if-none-match": "abc"}, 304),
        ({"If-None-Match": 'W/"abc", "x"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-Match": '"x"'}, 412),
        ({"If-Match": '"x"', "If-None-Match": '"abc"'}, 412),
        ({"If-Match": '"abc"', "If-None-Match": '"abc"'}, 304),
        ({"If-Modified-Since": THEN}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Modified-Since": "2026-01-01"}, 200),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Unmodified-Since": THEN}, 200),
        ({"If-Unmodified-Since": THEN, "If-Modified-Since": THEN}, 304),
    ],
)
def test_reading(headers: dict[str, str], status: int) -> None:
    assert outcome(headers) == status


def test_dates_mean_nothing_where_there_is_no_last_modified() -> None:
    assert outcome({"If-Modified-Since": THEN, "If-Unmodified-Since": EARLIER}, Representation("abc")) == 200


@pytest.mark.parametrize(
    ("condition", "allowed"), [('"abc"', True), (THEN, True), ('"x"', False), ('W/"abc"', False), (EARLIER, False), ("", False)]
)
def test_if_range(condition: str, allowed: bool) -> None:
    assert OBJECT.allows_range(CIMultiDict({"If-Range": condition})) is allowed
