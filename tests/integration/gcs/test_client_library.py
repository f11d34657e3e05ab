"""google-cloud-storage against the emulator, as an application would use it."""

import io
import os

import pytest
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from tests.integration.gcs.conftest import Bucket, Emulator

MIB = 1024 * 1024
DATA = os.urandom(3 * MIB + 17)


@pytest.fixture
def client(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> storage.Client:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.url)
    return storage.Client(project="demo-reelgate", credentials=AnonymousCredentials())


@pytest.fixture
def remote(client: storage.Client, bucket: Bucket) -> storage.Bucket:
    return client.bucket(bucket.name)


def test_upload_and_download(remote: storage.Bucket) -> None:
    blob = remote.blob("dir/ü b.bin")
    blob.metadata = {"owner": "somebody"}
    blob.upload_from_string(DATA, content_type="video/mp4")
    blob.reload()
    assert (blob.size, blob.content_type, blob.metadata) == (len(DATA), "video/mp4", {"owner": "somebody"})
    assert blob.download_as_bytes() == DATA
    assert blob.download_as_bytes(start=10, end=19) == DATA[10:20]
    assert blob.download_as_bytes(start=len(DATA) - 5) == DATA[-5:]


def test_chunked_resumable_of_known_and_unknown_size(remote: storage.Bucket) -> None:
    for size in (None, len(DATA)):
        blob = remote.blob("chunked", chunk_size=MIB)
        blob.upload_from_file(io.BytesIO(DATA), size=size)
        assert remote.blob("chunked", chunk_size=MIB).download_as_bytes() == DATA
    with remote.blob("written").open("wb", chunk_size=MIB) as file:
        file.write(DATA[: 2 * MIB])
    assert remote.blob("written").download_as_bytes() == DATA[: 2 * MIB]


@pytest.mark.parametrize("checksum", ["crc32c", "md5"])
def test_checksums_are_verified_both_ways(remote: storage.Bucket, checksum: str) -> None:
    blob = remote.blob("sums", chunk_size=MIB)
    blob.upload_from_file(io.BytesIO(DATA), checksum=checksum)
    blob = remote.blob("small")
    blob.upload_from_string(b"x", checksum=checksum)
    assert remote.blob("sums").download_as_bytes(checksum=checksum) == DATA


def test_lists(client: storage.Client, remote: storage.Bucket) -> None:
    for name in ("a/1", "a/2", "b"):
        remote.blob(name).upload_from_string(b"")
    listing = client.list_blobs(remote, delimiter="/", page_size=1)
    assert [blob.name for blob in listing] == ["b"]
    assert listing.prefixes == {"a/"}
    assert [blob.name for blob in client.list_blobs(remote, prefix="a/", page_size=1)] == ["a/1", "a/2"]


def test_patch_rewrite_copy_compose_delete(remote: storage.Bucket) -> None:
    blob = remote.blob("source")
    blob.upload_from_string(DATA, content_type="video/mp4")
    blob.metadata = {"k": "v"}
    blob.cache_control = "no-store"
    blob.patch()
    assert blob.metageneration == 2
    target = remote.blob("target")
    assert target.rewrite(blob) == (None, len(DATA), len(DATA))
    target.reload()
    assert (target.content_type, target.metadata, target.md5_hash) == ("video/mp4", {"k": "v"}, blob.md5_hash)
    remote.copy_blob(blob, remote, "copied")
    joined = remote.blob("joined")
    joined.compose([target, remote.blob("copied")])
    joined.reload()
    assert (joined.component_count, joined.md5_hash) == (2, None)
    assert joined.download_as_bytes() == DATA + DATA
    renamed = remote.rename_blob(target, "renamed")
    assert renamed.download_as_bytes() == DATA
    with pytest.raises(NotFound):
        target.reload()
    remote.delete_blobs([renamed, joined])
    assert not renamed.exists()


def test_preconditions(remote: storage.Bucket) -> None:
    blob = remote.blob("once")
    blob.upload_from_string(b"first", if_generation_match=0)
    for size in (10, 2 * MIB):
        with pytest.raises(PreconditionFailed):
            remote.blob("once", chunk_size=MIB).upload_from_file(io.BytesIO(DATA[:size]), if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=1)
    blob.upload_from_string(b"second", if_generation_match=blob.generation)
    assert blob.download_as_bytes() == b"second"


def test_batch(client: storage.Client, remote: storage.Bucket) -> None:
    for name in "abc":
        remote.blob(name).upload_from_string(b"")
    with client.batch():
        for name in "ab":
            remote.delete_blob(name)
    assert [blob.name for blob in client.list_blobs(remote)] == ["c"]
    with pytest.raises(NotFound), client.batch():
        remote.delete_blob("none")


def test_bucket_settings(client: storage.Client, remote: storage.Bucket) -> None:
    remote.reload()
    remote.cors = [{"origin": ["https://x.example"], "method": ["GET"]}]
    remote.patch()
    assert client.get_bucket(remote.name).cors == [{"origin": ["https://x.example"], "method": ["GET"]}]
    remote.delete()
    assert client.lookup_bucket(remote.name) is None


def test_session_opened_by_the_library(emulator: Emulator, remote: storage.Bucket) -> None:
    blob = remote.blob("direct")
    uri = blob.create_resumable_upload_session(content_type="video/mp4", size=len(DATA), origin="https://x.example")
    answer = emulator.http.put(uri, content=DATA, headers={"Origin": "https://x.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://x.example"
    assert blob.download_as_bytes() == DATA
