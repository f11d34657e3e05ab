"""Values of the REST API are those that Google's SDK sends."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from google.cloud.firestore_v1 import _helpers
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.documents.firestore_values import decode_fields, encode_fields, encode_value, timestamp

INSTANTS = st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC))
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text(max_size=20)),
    *(st.binary(max_size=20), INSTANTS),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3))
)
DOCUMENTS = st.dictionaries(st.text(min_size=1, max_size=10), VALUES, max_size=5)


@given(DOCUMENTS)
def test_documents_come_back_as_they_were(document: dict[str, Any]) -> None:
    sent = json.loads(json.dumps(encode_fields(document), allow_nan=False))
    assert decode_fields(sent) == document


@given(DOCUMENTS)
def test_the_sdk_sends_the_same(document: dict[str, Any]) -> None:
    sdk = {name: _as_json(value) for name, value in _helpers.encode_dict(document).items()}
    assert decode_fields(sdk) == document
    assert _same_times(encode_fields(document)) == _same_times(sdk)


def _as_json(message: Any) -> Any:
    return json_format.MessageToDict(type(message).pb(message))


def _same_times(sent: Any) -> Any:
    """Return sent values with one spelling of each instant, of each number, and of what is empty."""
    if isinstance(sent, list):
        return [_same_times(item) for item in sent]
    if not isinstance(sent, dict):
        return sent
    if "timestampValue" in sent and isinstance(sent["timestampValue"], str):
        return {"timestampValue": datetime.fromisoformat(sent["timestampValue"])}
    return {name: _same_times(value) for name, value in sent.items() if not (name in {"values", "fields"} and not value)}


def test_a_server_may_leave_out_what_is_empty() -> None:
    assert decode_fields({"a": {"arrayValue": {}}, "m": {"mapValue": {}}}) == {"a": [], "m": {}}


def test_numbers_that_json_does_not_have_are_words() -> None:
    assert encode_value(math.inf) == {"doubleValue": "Infinity"}
    assert encode_value(-math.inf) == {"doubleValue": "-Infinity"}
    assert math.isnan(decode_fields({"x": encode_value(math.nan)})["x"])


def test_a_kind_that_no_record_has_does_not_hinder_reading_the_rest() -> None:
    """A newer revision's field, say."""
    assert decode_fields({"g": {"geoPointValue": {"latitude": 1}}, "s": {"integerValue": "5"}}) == {
        "g": {"latitude": 1},
        "s": 5,
    }


def test_instants_are_exact_to_the_microsecond_and_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert timestamp(datetime(2026, 11, 3, 13, 0, 0, 1, tzinfo=berlin)) == "2026-11-03T12:00:00.000001Z"
    with pytest.raises(ValueError, match="time zone"):
        timestamp(datetime(2026, 11, 3))


@pytest.mark.parametrize("value", [bytearray(b"bytes"), date(2026, 11, 3), {1, 2}, object()])
def test_what_firestore_has_no_kind_for_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode_value(value)
