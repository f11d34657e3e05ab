"""Files arrive whole, once, and nothing that arrived is sent again."""

from __future__ import annotations

import os

import httpx
import pytest

from reelgate_client import (
    ChecksumMismatch,
    Conflict,
    FileChanged,
    LimitReached,
    LocalFileError,
    NotReachable,
    Stage,
    UploadEnded,
)
from tests.unit.clients.python.test_calls import times

CHUNK = 256 * 1024


def lost_after(fake, count: int):
    """Return a fault: `count` requests to the session are answered, the next one is only carried out, and then all is lost."""
    left = [count]

    def fault(request):
        if "session" not in request.url.path:
            return
        left[0] -= 1
        if left[0] >= 0:
            return
        if left[0] == -1:
            fake.bucket.answer(request)
        raise httpx.WriteError("reset")

    return fault


def sole(fake):
    [upload] = fake.uploads.values()
    return upload


def test_a_small_file_goes_through_one_session(either, fake, film) -> None:
    video = either.run(either.client.upload(film))
    assert fake.bucket.objects[video.video_id] == film.read_bytes()
    assert video.filename == "film.mp4"
    assert [line for line in fake.requests if "session" in line] == [f"PUT /session/{video.video_id}/1"]


def test_chunks_follow_each_other(either, fake, film) -> None:
    video = either.run(either.client.upload(film, chunk_size=CHUNK, title="At the sea"))
    assert fake.bucket.arrived[video.video_id] == film.stat().st_size
    assert video.title == "At the sea"


def test_parts_are_sent_and_joined(either, fake, film) -> None:
    video = either.run(either.client.upload(film, part_size=100_000, parallel=3))
    assert fake.bucket.objects[video.video_id] == film.read_bytes()
    assert fake.bucket.arrived[video.video_id] == film.stat().st_size


def test_after_a_lost_connection_the_session_is_asked(either, fake, film) -> None:
    fake.faults += [lost_after(fake, 2)]
    with pytest.raises(NotReachable):
        either.run(either.client.upload(film, chunk_size=CHUNK))
    fake.faults.clear()
    either.run(either.client.upload(film, chunk_size=CHUNK))
    assert fake.bucket.arrived[sole(fake).upload_id] == film.stat().st_size


def test_what_was_not_kept_is_sent_again(either, fake, film) -> None:
    def forgets(request):
        if request.content and "session" in request.url.path and len(fake.requests) < 8:
            fake.bucket.answer(request)
            fake.bucket.keep_only(sole(fake).upload_id, CHUNK)
            raise httpx.WriteError("reset")
        return

    fake.faults.append(forgets)
    either.run(either.client.upload(film, chunk_size=CHUNK))
    assert fake.bucket.objects[sole(fake).upload_id] == film.read_bytes()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 409])
def test_temporary_failures_of_the_bucket_are_passed(either, fake, film, status) -> None:
    def busy(request):
        return httpx.Response(status) if "session" in request.url.path and len(fake.requests) in {2, 3} else None

    fake.faults.append(busy)
    either.run(either.client.upload(film, chunk_size=CHUNK))
    assert sole(fake).state == "ready"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_temporary_failures_of_parts_are_passed(either, fake, film, status) -> None:
    seen: set[str] = set()

    def each_once(request):
        if "/part/" in request.url.path and request.url.path not in seen:
            seen.add(request.url.path)
            return httpx.Response(status)
        return None

    fake.faults.append(each_once)
    either.run(either.client.upload(film, part_size=200_000))
    assert sole(fake).state == "ready"
    assert len(seen) > 3


def test_parts_that_are_there_are_not_sent_again(either, fake, film) -> None:
    fake.faults.append(lambda request: httpx.Response(503) if request.url.path.endswith(("/4", "/5")) else None)
    with pytest.raises(NotReachable):
        either.run(either.client.upload(film, part_size=200_000, parallel=2))
    assert 0 < fake.bucket.kept(sole(fake).upload_id) < film.stat().st_size
    fake.faults.clear()
    either.run(either.client.upload(film, part_size=200_000, parallel=2))
    assert fake.bucket.arrived[sole(fake).upload_id] == film.stat().st_size


def test_a_signature_of_a_part_that_has_expired_is_renewed(either, fake, film) -> None:
    fake.faults += [
        lambda request: (
            httpx.Response(400, content=b"ExpiredToken")
            if request.url.path.endswith("/1") and fake.requests.count(f"PUT {request.url.path}") == 1
            else None
        )
    ]
    either.run(either.client.upload(film, part_size=400_000))
    assert sole(fake).state == "ready"
    assert sum(line.endswith("/parts") for line in fake.requests) == 2


def test_a_session_that_has_ended_begins_anew(either, fake, film) -> None:
    fake.faults.append(lost_after(fake, 3))
    with pytest.raises(NotReachable):
        either.run(either.client.upload(film, chunk_size=CHUNK))
    fake.faults.clear()
    fake.bucket.end_session(sole(fake).upload_id)
    either.run(either.client.upload(film, chunk_size=CHUNK))
    assert fake.bucket.objects[sole(fake).upload_id] == film.read_bytes()
    assert any(line.endswith("/resume") for line in fake.requests)


def test_sending_the_same_again_is_refused_by_its_name(either, film) -> None:
    either.run(either.client.upload(film))
    with pytest.raises(Conflict) as raised:
        either.run(either.client.upload(film))
    assert raised.value.code == "name_taken"


def test_a_deleted_video_can_be_sent_again(either, fake, film) -> None:
    video = either.run(either.client.upload(film))
    either.run(either.client.videos.delete(video.video_id))
    again = either.run(either.client.upload(film))
    assert again.video_id != video.video_id


def test_two_clients_send_one_file_at_once(make, fake, film) -> None:
    either, other = make(), make()
    results = either.run_together(
        lambda: either.client.upload(film, chunk_size=CHUNK),
        lambda: other.client.upload(film, chunk_size=CHUNK),
        refused=Conflict,
    )
    # One that begins when the other has finished is told that the name is taken: by this very file, which it can see.
    assert {one.code for one in results if isinstance(one, Conflict)} <= {"name_taken"}
    [video_id] = {one.video_id for one in results if not isinstance(one, Conflict)}
    assert list(fake.uploads) == [video_id]


def test_a_full_account_is_refused_before_the_first_byte(either, fake, film) -> None:
    fake.storage_limit = 1000
    with pytest.raises(LimitReached) as raised:
        either.run(either.client.upload(film))
    assert raised.value.problem["requested"] == film.stat().st_size
    assert fake.bucket.arrived == {}


def test_a_file_that_changes_is_not_sent_on(either, fake, film) -> None:
    def grows(request):
        if request.content and "session" in request.url.path:
            with film.open("ab") as file:
                file.write(b"more")
            os.utime(film, ns=(1, 1))
        return

    fake.faults.append(grows)
    with pytest.raises(FileChanged, match=r"reelgate uploads cancel [0-9a-f]{32}"):
        either.run(either.client.upload(film, chunk_size=CHUNK))
    assert sole(fake).state == "open"  # another machine may be sending it


@pytest.mark.parametrize("part_size", [None, 200_000], ids=["session", "parts"])
def test_a_file_that_is_touched_is_sent_on(either, fake, film, part_size) -> None:
    """As by a copy over itself: the time is another one, the content is not."""
    seen = []

    def touches(request):
        if request.content and request.url.path.startswith(("/session", "/part")):
            seen.append(None)
            if len(seen) == 2:
                os.utime(film, ns=(1, 1))
        return

    fake.faults.append(touches)
    either.run(either.client.upload(film, chunk_size=CHUNK, part_size=part_size, parallel=1 if part_size is None else 2))
    assert sole(fake).state == "ready"
    assert fake.bucket.objects[sole(fake).upload_id] == film.read_bytes()


def test_a_file_that_never_rests_is_given_up(either, fake, film) -> None:
    times_touched = iter(range(1, 10_000))

    def touches(request):
        if request.url.path.startswith("/session"):
            os.utime(film, ns=(1, next(times_touched)))
        return

    fake.faults.append(touches)
    with pytest.raises(FileChanged):
        either.run(either.client.upload(film, chunk_size=CHUNK))
    assert sole(fake).state == "open"


def test_bytes_that_were_damaged_on_their_way_are_not_kept(either, fake, film) -> None:
    def flips(request):
        if request.content and "session" in request.url.path:
            spoiled = httpx.Request("PUT", request.url, headers=request.headers, content=b"x" + request.content[1:])
            return fake.bucket.answer(spoiled)
        return None

    fake.faults.append(flips)
    with pytest.raises(ChecksumMismatch):
        either.run(either.client.upload(film))
    assert sole(fake).state == "rejected"


def test_an_upload_that_is_cancelled_elsewhere_ends(either, fake, film) -> None:
    def cancels(request):
        if request.content and "session" in request.url.path:
            sole(fake).state = "cancelled"
            return httpx.Response(499)
        return None

    fake.faults.append(cancels)
    with pytest.raises(UploadEnded, match="was cancelled"):
        either.run(either.client.upload(film))


@pytest.mark.parametrize("name", ["missing.mp4", "empty.mp4", "folder.mp4"])
def test_files_that_cannot_be_sent_say_why(either, fake, tmp_path, name) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(LocalFileError) as raised:
        either.run(either.client.upload(tmp_path / name))
    assert name in str(raised.value)
    assert fake.requests == []


def test_progress_ends_at_the_size_and_never_beyond(either, fake, film) -> None:
    seen: list[tuple[int, int]] = []
    stages: list[Stage] = []

    def watch(progress) -> None:
        seen.append((progress.bytes, progress.total))
        if not stages or stages[-1] is not progress.stage:
            stages.append(progress.stage)

    fake.faults += times(lambda: httpx.Response(503), 1)
    either.run(either.client.upload(film, chunk_size=CHUNK, progress=watch))
    assert all(sent <= total for sent, total in seen)
    assert seen[-1] == (film.stat().st_size, film.stat().st_size)
    assert stages[-3:] == [Stage.SENDING, Stage.FINISHING, Stage.DONE]


def test_no_session_is_kept_or_shown(either, fake, film) -> None:
    started = []
    either.run(either.client.upload(film, started=started.append))
    assert "session" not in repr(started)
