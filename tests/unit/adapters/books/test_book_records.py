"""How records look as documents. Contract tests prove the way there and back; these hold the layout itself."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.books.book_records import Collection, address_of, captions_id, decode, encode
from reelgate.adapters.documents.firestore_values import document_id, name_of
from reelgate.domain.books.account import Account, Day, NameClaim
from reelgate.domain.books.captions import Captions, CaptionsText
from reelgate.domain.files.names import name_key
from tests.fixtures.bookkeeping import NOON, an_upload
from tests.unit.adapters.books.samples import VIDEO


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


def test_an_account_shows_what_its_open_uploads_reserve() -> None:
    document = encode(Account(uid="ada", today=Day(date=NOON.date()), reserved=11, open_uploads=2, alert_percents=(80,)))
    assert (document["reserved"], document["today"]["reserved"], document["open_uploads"]) == (11, 11, 2)
    assert document["today"]["date"] == "2026-11-03"


def test_an_open_upload_and_the_claim_of_its_name_are_documents() -> None:
    upload = replace(an_upload("u1", filename="a.mp4"), session_url="https://storage.example/session")
    assert set(encode(upload)) == {
        "upload_id", "filename", "size", "content_type", "created_at", "expires_at", "crc32c", "title", "session_url",
        "chunked", "main_service_file_id", "sealed_chunks", "part_size",
    }  # fmt: skip
    assert decode(address_of("ada", Collection.UPLOADS, "u1"), encode(upload)) == upload
    assert encode(upload.claim) == {"upload_id": "u1"}
    at = address_of("ada", Collection.NAMES, name_key("a.mp4"))
    assert decode(at, encode(upload.claim)) == upload.claim == NameClaim(at.id, "u1")


def test_a_video_lists_its_captions_and_each_text_is_a_document_without_anything_else() -> None:
    captions = Captions(language="pt-BR", label="Português", size=9, digest="ab", updated_at=NOON, default=True)
    video = replace(VIDEO, captions=(captions,))
    assert encode(video)["captions"] == [
        {"language": "pt-BR", "label": "Português", "size": 9, "digest": "ab", "updated_at": NOON, "default": True}
    ]
    assert decode(address_of("ada", Collection.VIDEOS, "u1"), encode(video)) == video
    [key] = video.caption_keys
    text = CaptionsText.of(key, "WEBVTT\n\n")
    assert set(encode(text)) == {"deflated"}
    at = address_of("ada", Collection.CAPTIONS, captions_id(key))
    assert decode(at, encode(text)) == text
    assert (at.id, text.text) == ("u1:pt-BR", "WEBVTT\n\n")


def test_every_account_has_the_same_fields() -> None:
    """An update replaces the fields that it names: one left out would stay as it was."""
    empty = Account(uid="ada", today=Day(date=NOON.date()))
    full = replace(empty, email="a@b", storage_limit=1, daily_limit=1, alert_percents=(1,), reserved=1, open_uploads=1)
    assert set(encode(empty)) == set(encode(full))


def test_what_a_newer_revision_adds_is_ignored() -> None:
    account = Account(uid="ada", today=Day(date=NOON.date()), reserved=100, open_uploads=1)
    document = encode(account)
    document |= {"plan": "gold"}
    document["today"] |= {"watched": 5}
    assert decode(address_of("ada", Collection.USERS, "ada"), document) == account
    assert decode(address_of("ada", Collection.VIDEOS, "k"), {**encode(VIDEO), "poster": "x"}) == VIDEO
    assert decode(address_of("ada", Collection.UPLOADS, "u1"), {**encode(an_upload()), "origin": "x"}) == an_upload()


def test_what_an_older_revision_did_not_write_has_its_default() -> None:
    document = {"uid": "ada", "today": {"date": "2026-11-03"}}
    assert decode(address_of("ada", Collection.USERS, "ada"), document) == Account(uid="ada", today=Day(date=NOON.date()))
