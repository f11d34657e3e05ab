"""Removing a user's objects: all of theirs, in both buckets, page by page, and nobody else's."""

from __future__ import annotations

import uuid

import pytest
from google.auth.credentials import AnonymousCredentials

from reelgate.adapters.storage import gcs_personal_objects
from reelgate.adapters.storage.gcs_media import connect
from reelgate.ports.personal_data import PersonalObjects
from reelgate.ports.storage import MediaStore
from tests.contract.media.conftest import Bucket
from tests.doubles.memory_derived import MemoryDerivedObjects
from tests.doubles.memory_media import MemoryMedia
from tests.doubles.memory_personal_objects import MemoryPersonalObjects

HERS = ("ada/f1/a.mp4", "ada/f2/ünï 💾.mp4", "__parts__/ada/u1/00000", "__parts__/ada/u1/composed/1-00000")
OTHERS = ("adam/f1/a.mp4", "bob/ada/a.mp4", "__parts__/adam/u1/00000")
SETTINGS = {"cacheControl": "no-store", "contentDisposition": "inline", "contentLanguage": "en"}


@pytest.fixture
def personal(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> PersonalObjects:
    """The removal from that bucket, beside one with a derived object of hers."""
    if isinstance(bucket.media, MemoryMedia):
        derived = MemoryDerivedObjects()
        derived.objects["ada/f1/7/poster.jpg"] = ("image/jpeg", b"p")
        return MemoryPersonalObjects(bucket.media, derived)
    assert bucket.emulator is not None
    name = f"derived-{uuid.uuid4().hex[:12]}"
    assert bucket.emulator.http.post("/storage/v1/b", json={"name": name}).status_code == 200
    beside = connect("demo", name, storage_url=bucket.emulator.url, credentials=AnonymousCredentials())
    beside._bucket.blob("ada/f1/7/poster.jpg").upload_from_string(b"p")
    monkeypatch.setattr(gcs_personal_objects, "PAGE", 2)
    return gcs_personal_objects.connect(
        "demo", media_bucket=bucket.name, derived_bucket=name, credentials=AnonymousCredentials()
    )


async def test_everything_of_hers_goes_and_nothing_else(bucket: Bucket, personal: PersonalObjects) -> None:
    media: MediaStore = bucket.media
    for name in (*HERS, *OTHERS):
        bucket.write(name, b"v", "video/mp4", SETTINGS)
    pages = 0
    while not await personal.remove("ada"):
        pages += 1
    assert pages == 3  # two of the media bucket, one of the derived one
    assert sorted(found.name for found in await media.listing("")) == sorted(OTHERS)
    assert await personal.remove("ada")
    assert await personal.remove("nobody")
