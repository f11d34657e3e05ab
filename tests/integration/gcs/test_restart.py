"""What survives SIGKILL: everything that was answered, and the bytes of uploads under way."""

import base64
import hashlib
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.gcs.conftest import WEB, Bucket, Emulator

MIB = 1024 * 1024
DATA = os.urandom(9 * MIB + 7)


def kept(uri: str) -> int:
    answer = WEB.put(uri, headers={"Content-Range": "bytes */*"})
    assert answer.status_code == 308
    return int(answer.headers["Range"].rsplit("-")[-1]) + 1 if "Range" in answer.headers else 0


def half_sent(uri: str) -> socket.socket:
    """Send more than half of DATA in one PUT and wait until at least half is kept."""
    parts = urlsplit(uri)
    connection = socket.create_connection((parts.hostname, parts.port))
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(DATA)}\r\n\r\n"
    connection.sendall(head.encode() + DATA[: 6 * MIB])
    while kept(uri) < 5 * MIB:
        pass
    return connection


@pytest.mark.parametrize("dialect", ["json", "xml"])
def test_upload_goes_on_after_sigkill(own_emulator: Emulator, dialect: str) -> None:
    bucket = Bucket(own_emulator)
    uri = bucket.open_session("clip") if dialect == "json" else bucket.open_xml_session("clip")
    connection = half_sent(uri)
    promised = kept(uri)
    own_emulator.kill()
    connection.close()

    own_emulator.start()
    offset = kept(uri)
    assert offset >= promised >= 5 * MIB
    headers = {"Content-Range": f"bytes {offset}-{len(DATA) - 1}/{len(DATA)}"}
    assert WEB.put(uri, content=DATA[offset:], headers=headers).status_code == 200
    assert bucket.bytes_of("clip") == DATA
    resource = bucket.resource("clip").json()
    assert resource["md5Hash"] == base64.b64encode(hashlib.md5(DATA).digest()).decode()


def test_finished_upload_answers_after_sigkill(own_emulator: Emulator) -> None:
    bucket = Bucket(own_emulator)
    uri = bucket.open_session("clip")
    first = WEB.put(uri, content=DATA)
    own_emulator.kill()
    own_emulator.start()
    again = WEB.put(uri, headers={"Content-Range": f"bytes */{len(DATA)}"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert bucket.bytes_of("clip") == DATA


def test_objects_events_keys_and_permissions_survive(own_emulator: Emulator) -> None:
    bucket = Bucket(own_emulator)
    generation = bucket.upload("a", b"one").json()["generation"]
    secret = {"access_id": "GOOGSECOND", "secret": "s", "service_account": "x@y"}
    assert own_emulator.http.put("/_emulator/keys/hmac", json=secret).status_code == 204
    own_emulator.http.delete("/_emulator/accounts/x@y/permission")
    events = own_emulator.events_after(0)
    own_emulator.kill()
    own_emulator.start()
    assert bucket.bytes_of("a") == b"one"
    assert own_emulator.events_after(0) == events
    listing = own_emulator.http.get("/_emulator/keys").json()
    assert {"access_id": "GOOGSECOND", "service_account": "x@y"} in listing["hmac"]
    assert listing["withdrawn"] == ["x@y"]
    assert int(bucket.upload("a", b"two").json()["generation"]) > int(generation)


def test_what_a_crash_leaves_on_disk_is_swept(own_emulator: Emulator) -> None:
    bucket = Bucket(own_emulator)
    bucket.upload("kept", b"kept")
    parts = urlsplit(own_emulator.url)
    connection = socket.create_connection((parts.hostname, parts.port))
    target = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=half"
    head = f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {8 * MIB}\r\n\r\n"
    connection.sendall(head.encode() + DATA[: 3 * MIB])
    while sum(file.stat().st_size for file in blobs(own_emulator)) < 2 * MIB:
        pass
    own_emulator.kill()
    connection.close()
    assert len(blobs(own_emulator)) == 2
    own_emulator.start()
    assert [file.read_bytes() for file in blobs(own_emulator)] == [b"kept"]
    assert bucket.resource("half").status_code == 404


def test_sigterm_ends_cleanly_with_an_upload_under_way(own_emulator: Emulator) -> None:
    uri = Bucket(own_emulator).open_session("clip")
    connection = half_sent(uri)
    assert own_emulator.stop() == 0
    connection.close()
    own_emulator.start()
    assert kept(uri) >= 5 * MIB


def blobs(emulator: Emulator) -> list[Path]:
    return [file for file in (emulator.folder / "data" / "blobs").glob("*/*") if file.is_file()]


def test_a_session_that_a_bad_chunk_ended_says_so_after_sigkill(own_emulator: Emulator) -> None:
    uri = Bucket(own_emulator).open_session("clip")
    refused = WEB.put(uri, content=DATA[:1000], headers={"Content-Range": "bytes 0-999/*"})
    own_emulator.kill()
    own_emulator.start()
    again = WEB.put(uri, content=DATA)
    assert (again.status_code, again.text) == (refused.status_code, refused.text) == (400, again.text)
