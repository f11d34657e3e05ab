"""Actions as messages, and what a message must be to tell of one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.records.audit_log import SHARDS
from reelgate.domain.audit import Action, action_of_message, area_of, denial, references, sentence
from reelgate.domain.books.messages import audit_message
from reelgate.ports.audit import MAX_ABOUT

AT = datetime(2026, 11, 3, 12, 30, 0, 678000, tzinfo=UTC)
TEXT = st.text(min_size=1, max_size=20)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)
ACTIONS = st.builds(
    Action,
    action_id=TEXT,
    at=st.datetimes(datetime(2001, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    ),
    action=TEXT,
    uid=st.text(max_size=10),
    service=TEXT,
    outcome=st.sampled_from(["done", "denied"]),
    description=TEXT,
    data=st.dictionaries(st.text(max_size=5), JSON, max_size=3),
    request_id=st.none() | TEXT,
)
CONTENT: dict[str, Any] = {
    "event_id": "audit:1",
    "action_id": "1",
    "at": "2026-11-03T12:30:00.678Z",
    "service": "upload",
    "outcome": "done",
    "description": "Upload granted: a.mp4",
    "request_id": None,
    "details": {"size": 3},
}


@given(ACTIONS)
def test_a_message_tells_of_its_action(action: Action) -> None:
    message = audit_message(action)
    content = json.loads(json.dumps(message.content(AT)))
    assert action_of_message(content["type"], content["uid"], content) == action
    assert (message.topic, message.type, message.uid) == ("audit", action.action, action.uid)


def test_the_id_of_the_message_is_that_of_the_action() -> None:
    action = action_of_message("upload.granted", "ada", CONTENT)
    assert audit_message(action).event_id == "audit:1"


def test_what_older_revisions_left_out_is_nothing() -> None:
    content = {name: value for name, value in CONTENT.items() if name not in {"request_id", "details"}}
    action = action_of_message("upload.granted", "ada", content)
    assert (action.request_id, action.data) == (None, {})


def test_an_instant_is_kept_in_any_time_zone() -> None:
    berlin = timezone(timedelta(hours=1))
    assert action_of_message("login", "", {**CONTENT, "at": AT.astimezone(berlin).isoformat()}).at == AT


@pytest.mark.parametrize(
    "broken",
    [
        *({name: None} for name in ("action_id", "at", "service", "outcome", "description", "details")),
        *({name: 7} for name in ("action_id", "at", "service", "outcome", "description", "details", "request_id")),
        *({name: ""} for name in ("action_id", "at", "service", "outcome", "description")),
        {"outcome": "tried"},
        {"outcome": ["done"]},
        {"at": "yesterday"},
        {"at": "2026-11-03T12:30:00"},
        {"at": "9999-12-31T23:59:59Z"},
        {"at": "0001-01-01T00:00:00Z"},
        {"details": ["a list"]},
    ],
    ids=str,
)
def test_anything_else_is_no_action(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        action_of_message("upload.granted", "ada", {**CONTENT, **broken})


@pytest.mark.parametrize("missing", ["action_id", "at", "service", "outcome", "description"])
def test_nothing_may_be_missing(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        action_of_message("upload.granted", "ada", {name: value for name, value in CONTENT.items() if name != missing})


def test_an_action_needs_a_name() -> None:
    with pytest.raises(ValueError, match="empty"):
        action_of_message("", "ada", CONTENT)


def test_words_for_people() -> None:
    assert sentence("upload.granted", {"size": 3, "filename": "a.mp4"}) == "Upload granted: a.mp4"
    assert sentence("usage.deletion_reported", {}) == "Usage deletion reported"
    assert denial("Forbidden", {"path": "/logs"}) == "Denied: Forbidden (/logs)"
    assert denial("Forbidden", {}) == "Denied: Forbidden"


def test_what_an_action_is_about() -> None:
    action = action_of_message("login", "ada", CONTENT)
    assert references(action) == ["user:ada"]
    details = {"user_id": "bob", "email": "Bob@example.org", "file_id": "f1", "upload_id": "f1", "filename": "a.mp4"}
    assert references(replace(action, data=details)) == ["email:bob@example.org", "user:ada", "user:bob", "video:f1"]
    assert references(replace(action, uid="", data={"user_id": None, "email": "", "file_id": 7})) == []


def test_references_fit_into_one_query() -> None:
    assert MAX_ABOUT * SHARDS <= 30  # Firestore docs, "Limits": disjunctions


def test_areas() -> None:
    assert [area_of(name) for name in ("upload.granted", "login", "login.refreshed")] == ["upload", "login", "login"]
