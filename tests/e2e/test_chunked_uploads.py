"""Chunked uploads in the running system: parallel, out of order, twice, straight to the bucket, refused, cancelled, foreign."""

from __future__ import annotations

import base64
import contextlib
import os
import random
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import av
import google_crc32c
import httpx
import pytest

from localcloud.demo.video import make_video
from tests.e2e.chunks import ChunkedUpload, cut, objects_below, stored_bytes
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A short real video with sound."""
    return make_video(tmp_path_factory.mktemp("video") / "video.mp4", seconds=2).read_bytes()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sound of such a video as an MP3."""
    folder = tmp_path_factory.mktemp("sound")
    make_video(folder / "video.mp4", seconds=2)
    with av.open(str(folder / "video.mp4")) as source, av.open(str(folder / "sound.mp3"), "w") as target:
        stream = target.add_stream("mp3", rate=44100)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return Path(folder / "sound.mp3").read_bytes()


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def test_chunks_come_in_parallel_out_of_order_and_twice(cloud: Mapping[str, str], person: Person, video: bytes) -> None:
    """More than 32 of them, so that they are joined in a tree."""
    chunks = cut(video, max(1, len(video) // 110))
    assert len(chunks) > 100
    upload = ChunkedUpload(person, "film.mp4", 4711)
    order = [*enumerate(chunks), *random.sample(list(enumerate(chunks)), 30)]
    random.shuffle(order)
    answers = upload.send_all(order)
    assert {(a.status_code, a.json()["message"]) for a in answers} == {(200, "Chunk uploaded successfully.")}
    status = upload.status()
    assert (status["received_bytes"], status["parts"]["received"]) == (len(video), list(range(len(chunks))))
    done = upload.complete(len(chunks), crc32c=crc32c(video))
    assert done.status_code == 200, done.text
    assert done.json()["message"] == "File upload completed and main service notified."
    place = done.json()["data"]["file_path_on_upload_service"]
    assert place == f"{cloud['STORAGE_EMULATOR_HOST']}/{cloud['REELGATE_MEDIA_BUCKET']}/{person.uid}/{upload.id}/film.mp4"
    assert person.api.get("/upload/files").json()["files"] == [place]
    assert httpx.get(place).status_code == 403  # a place, not a permission
    assert stored_bytes(person, "film.mp4") == video
    assert objects_below(cloud, "__parts__/" + person.uid) == []
    assert upload.complete(len(chunks)).json() == done.json()
    person.assert_books_right()


def test_sound_through_the_bucket(person: Person, sound: bytes) -> None:
    chunks = cut(sound, len(sound) // 5)
    upload = ChunkedUpload(person, "sound.mp3", "file-7")
    wanted = [{"index": n, "size": len(chunk), "crc32c": crc32c(chunk)} for n, chunk in enumerate(chunks)]
    answer = upload.urls(wanted)
    assert answer.status_code == 200, answer.text
    signed = answer.json()["data"]["chunks"]
    with ThreadPoolExecutor(4) as pool:
        assert {a.status_code for a in pool.map(upload.put, reversed(signed), reversed(chunks))} == {200}
    assert upload.put(signed[0], chunks[0]).status_code == 412  # there already
    again = upload.urls(wanted[:2])
    assert [chunk["index"] for chunk in again.json()["data"]["chunks"]] == [0, 1]
    assert upload.status()["size"] == len(sound)
    assert upload.complete(len(chunks)).status_code == 200
    assert stored_bytes(person, "sound.mp3") == sound
    (file,) = person.api.get("/files").json()["files"]
    assert (file["content_type"], file["crc32c"]) == ("audio/mpeg", crc32c(sound))
    person.assert_books_right()


def test_a_signed_url_takes_exactly_its_chunk(cloud: Mapping[str, str], person: Person) -> None:
    upload = ChunkedUpload(person, "a.mp4")
    data = os.urandom(1000)
    (signed,) = upload.urls([{"index": 3, "size": 1000, "crc32c": crc32c(data)}]).json()["data"]["chunks"]
    assert upload.put(signed, data + b"x").status_code == 400
    assert upload.put(signed, data[:-1]).status_code == 400
    assert upload.put(signed, os.urandom(1000)).status_code == 400
    larger = {**signed, "headers": signed["headers"] | {"x-goog-content-length-range": "0,2000"}}
    assert upload.put(larger, data + data).status_code == 403
    elsewhere = {**signed, "url": signed["url"].replace("/00003?", "/00004?")}
    assert upload.put(elsewhere, data).status_code == 403
    assert objects_below(cloud, "__parts__/" + person.uid) == []
    assert upload.put(signed, data).status_code == 200


def test_a_refused_chunk_leaves_the_upload_as_it_was(person: Person, video: bytes) -> None:
    """The quota ends in the middle: what has come stays, room is made, and it goes on."""
    ballast = ChunkedUpload(person, "ballast.mp4")
    assert ballast.urls([{"index": 0, "size": 50 * MIB - len(video) // 2}]).status_code == 200
    chunks = cut(video, len(video) // 4)
    upload = ChunkedUpload(person, "film.mp4")
    answers = [upload.send(n, chunk) for n, chunk in enumerate(chunks)]
    assert [a.status_code for a in answers[:3]] == [200, 200, 403]
    refused = answers[2].json()
    assert (refused["code"], refused["limit"], refused["requested"]) == ("storage_limit_exceeded", 50 * MIB, len(chunks[2]))
    missing = upload.complete(len(chunks))
    assert (missing.status_code, missing.json()["missing"][0]) == (409, 2)
    person.assert_books_right()
    assert ballast.delete().json() == {"status": "success", "message": "Upload cancelled."}
    assert {upload.send(n, chunk).status_code for n, chunk in enumerate(chunks)} == {200}
    assert upload.complete(len(chunks)).status_code == 200
    assert stored_bytes(person, "film.mp4") == video
    person.assert_books_right()


def test_racing_chunks_never_pass_the_quota(person: Person) -> None:
    """Sixty chunks of 1 MiB at once for 50 MiB, by URL: exactly fifty are granted."""
    upload = ChunkedUpload(person, "a.mp4")
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda n: upload.urls([{"index": n, "size": MIB}]).status_code, range(60)))
    assert sorted(statuses) == [200] * 50 + [403] * 10
    assert upload.status()["size"] == 50 * MIB
    all_or_none = ChunkedUpload(person, "b.mp4")
    assert all_or_none.urls([{"index": n, "size": 1} for n in range(2)]).status_code == 403
    assert all_or_none.status()["size"] == 0
    person.assert_books_right()
    assert upload.delete().status_code == 200
    assert person.storage_status()["reserved_storage"] == 0


def test_another_chunk_under_the_same_index(person: Person) -> None:
    upload = ChunkedUpload(person, "a.mp4")
    assert upload.send(0, b"one").status_code == 200
    for other in (b"two", b"longer"):
        refused = upload.send(0, other)
        assert (refused.status_code, refused.json()["code"]) == (409, "chunk_differs")
    assert upload.send(0, b"one").status_code == 200


def test_completions_at_once_make_one_file(person: Person, video: bytes) -> None:
    chunks = cut(video, len(video) // 40)
    upload = ChunkedUpload(person, "film.mp4")
    upload.send_all(enumerate(chunks))
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: upload.complete(len(chunks)), range(6)))
    assert {a.status_code for a in answers} == {200}, [a.text for a in answers]
    assert len({a.text for a in answers}) == 1
    assert stored_bytes(person, "film.mp4") == video
    assert [entry["kind"] for entry in person.ledger()].count("commit") == 1
    person.assert_books_right()


def test_a_late_chunk_is_refused_and_a_late_url_leaves_nothing(cloud: Mapping[str, str], person: Person, video: bytes) -> None:
    upload = ChunkedUpload(person, "film.mp4")
    upload.send(0, video)
    (late,) = upload.urls([{"index": 1, "size": 5}]).json()["data"]["chunks"]
    assert upload.complete(1).status_code == 200
    refused = upload.send(1, b"later")
    assert (refused.status_code, refused.json()["code"]) == (409, "upload_finished")
    assert upload.put(late, b"later").status_code == 200  # the signature is good for minutes: once, and charged
    eventually(lambda: person.api.get("/v1/usage").json()["bandwidth"]["rejected"] == 5)
    assert upload.put(late, b"later").status_code == 412
    assert objects_below(cloud, "__parts__/" + person.uid) == [f"__parts__/{person.uid}/{upload.id}/00001"]
    assert stored_bytes(person, "film.mp4") == video
    person.assert_books_right()


def test_other_people_s_sessions_do_not_exist(person: Person, another: Person, video: bytes) -> None:
    upload = ChunkedUpload(person, "film.mp4")
    upload.send(0, video)
    upload.person = another
    urls = upload.urls([{"index": 0, "size": 1}])
    for answer in (upload.send(0, video), upload.send(1, b"x"), urls, upload.complete(1), upload.delete()):
        assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")
    assert another.api.get("/upload/files").json()["files"] == []
    upload.person = person
    assert upload.complete(1).status_code == 200


def test_functions_that_die_lose_no_chunk(emulator: Callable[..., str], person: Person, video: bytes) -> None:
    """A client that repeats what was not answered gets its file, whatever died in between."""
    chunks = cut(video, len(video) // 60)
    upload = ChunkedUpload(person, "film.mp4")
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(patiently, partial(upload.send, n, chunk)) for n, chunk in enumerate(chunks)]
        kill(emulator)
        assert {future.result().status_code for future in sent} == {200}
        completed = pool.submit(patiently, partial(upload.complete, len(chunks)))
        kill(emulator)
        assert completed.result().status_code == 200
    # The last kill may come after the last answer: whoever looks next, here or in another test, needs a function that is there.
    assert patiently(partial(person.api.get, "/v1/uploads")).status_code == 200
    assert stored_bytes(person, "film.mp4") == video
    person.assert_books_right()


def kill(emulator: Callable[..., str]) -> None:
    """Kill the function, once the one that was killed before has been followed by another."""
    for _ in range(100):
        with contextlib.suppress(subprocess.CalledProcessError):
            emulator("kill", "upload")
            return
        time.sleep(0.1)
    raise AssertionError("there was nothing to kill")


def patiently(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Return the first answer that is one, as a client with retries gets it."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            answer = call()
            if answer.status_code < 500:
                return answer
        time.sleep(0.1)
    raise AssertionError("60 seconds of trying were not enough")
