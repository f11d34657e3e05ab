"""How records look as documents. Contract tests prove the way there and back; these hold the layout itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.books.book_records import Collection, address_of, decode, encode
from reelgate.adapters.documents.firestore_values import document_id, name_of
from reelgate.domain.books.account import Account, Day
from tests.fixtures.bookkeeping import NOON, an_upload
from tests.unit.books.samples import VIDEO


@given(st.one_of(st.text(min_size=1), st.sampled_from([".", "..", "__a__", "____", "%2E", "a/b", "__\n__"])))
def test_every_name_has_a_document_id_that_firestore_takes(name: str) -> None:
    identifier = document_id(name)
    assert name_of(identifier) == name
    assert "/" not in identifier
    assert identifier not in {".", ".."}
    assert not re.fullmatch(r"__.*__", identifier, re.DOTALL)


@pytest.mark.parametrize(
    "name", ["reserve:u1", "commit:u1#7", "alert:ada:2026-11-03:storage:80:1", "Zoë", "auth0|1", "__a", "a__"]
)
def test_usual_names_stay_readable(name: str) -> None:
    assert document_id(name) == name


def test_an_account_shows_what_follows_from_its_uploads() -> None:
    uploads = {"u1": an_upload("u1", size=5), "u2": replace(an_upload("u2", size=6), expires_at=NOON + timedelta(minutes=1))}
    document = encode(Account(uid="ada", today=Day(date=NOON.date()), uploads=uploads, alert_percents=(80,)))
    assert (document["reserved"], document["today"]["reserved"]) == (11, 11)
    assert document["next_expiry"] == NOON + timedelta(minutes=1)
    assert document["today"]["date"] == "2026-11-03"
    assert set(document["uploads"]["u1"]) == {
        "filename", "size", "content_type", "created_at", "expires_at", "crc32c", "title", "session_url",
        "chunked", "main_service_file_id", "sealed_chunks",
    }  # fmt: skip
    assert encode(Account(uid="ada", today=Day(date=NOON.date())))["next_expiry"] is None


def test_every_account_has_the_same_fields() -> None:
    """An update replaces the fields that it names: one left out would stay as it was."""
    empty = Account(uid="ada", today=Day(date=NOON.date()))
    full = replace(empty, email="a@b", storage_limit=1, daily_limit=1, alert_percents=(1,), uploads={"u1": an_upload()})
    assert set(encode(empty)) == set(encode(full))


def test_what_a_newer_revision_adds_is_ignored() -> None:
    account = Account(uid="ada", today=Day(date=NOON.date()), uploads={"u1": an_upload()})
    document = encode(account)
    document |= {"plan": "gold", "uploads": {"u1": {**document["uploads"]["u1"], "origin": "x"}}}
    document["today"] |= {"watched": 5}
    assert decode(address_of("ada", Collection.USERS, "ada"), document) == account
    assert decode(address_of("ada", Collection.VIDEOS, "k"), {**encode(VIDEO), "poster": "x"}) == VIDEO


def test_what_an_older_revision_did_not_write_has_its_default() -> None:
    document = {"uid": "ada", "today": {"date": "2026-11-03"}}
    assert decode(address_of("ada", Collection.USERS, "ada"), document) == Account(uid="ada", today=Day(date=NOON.date()))
