"""What is fetched is whole and right, or not there under its name."""

from __future__ import annotations

import errno
import os

import httpx
import pytest

from reelgate_client import ChecksumMismatch, LocalFileError, NotReachable, TransferError
from reelgate_client.core import partial_files
from tests.doubles.fake_bucket import Body

CONTENT = bytes(range(256)) * 4000
PART = ".holiday.mp4.holiday-1.reelgate-part"


@pytest.fixture(autouse=True)
def video(fake) -> None:
    fake.video("holiday-1", "holiday.mp4", CONTENT, title="At the sea")
    fake.bucket.put_object("holiday-1-mp3", b"sound" * 1000)


def breaks_off(after: int, times: int):
    left = [times]

    def fault(request):
        if "/media/" not in request.url.path or not left[0]:
            return None
        left[0] -= 1
        first = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
        return httpx.Response(206, stream=Body(CONTENT[first : first + after], breaks_off=True))

    return fault


def test_a_video_is_fetched_under_its_name(either, tmp_path) -> None:
    path = either.run(either.client.download("holiday-1", tmp_path))
    assert path == tmp_path / "holiday.mp4"
    assert path.read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["holiday.mp4"]


def test_an_mp3_is_checked_by_what_the_bucket_says(either, tmp_path) -> None:
    path = either.run(either.client.download("holiday-1", tmp_path / "my.mp3", mp3=True))
    assert path.read_bytes() == b"sound" * 1000


def test_an_mp3_that_is_there_already_is_not_fetched_again(either, fake, tmp_path) -> None:
    (tmp_path / "sound.mp3").write_bytes(b"sound" * 1000)
    assert either.run(either.client.download("holiday-1", tmp_path, mp3=True)).read_bytes() == b"sound" * 1000
    assert [line for line in fake.requests if "media" in line] == ["GET /media/holiday-1-mp3/0"]
    (tmp_path / "sound.mp3").write_bytes(b"SOUND" * 1000)
    with pytest.raises(LocalFileError, match="exists already"):
        either.run(either.client.download("holiday-1", tmp_path, mp3=True))


def test_all_bytes_of_an_mp3_from_an_earlier_run_are_checked_too(either, tmp_path) -> None:
    """Nothing is left to fetch, so no answer of the fetching could name the checksum."""
    (tmp_path / ".sound.mp3.holiday-1-mp3.reelgate-part").write_bytes(b"noise" * 1000)
    with pytest.raises(ChecksumMismatch):
        either.run(either.client.download("holiday-1", tmp_path, mp3=True))
    assert os.listdir(tmp_path) == []


def test_an_mp3_whose_checksum_nobody_names_is_not_fetched(either, fake, tmp_path) -> None:
    fake.bucket.names_checksums = False
    with pytest.raises(TransferError) as raised:
        either.run(either.client.download("holiday-1", tmp_path, mp3=True))
    assert raised.value.code == "checksum_unknown"
    assert os.listdir(tmp_path) == []


def test_the_checksum_is_asked_for_until_the_bucket_answers(either, fake, tmp_path) -> None:
    busy = [httpx.Response(503), httpx.Response(503)]
    fake.faults.append(lambda request: busy.pop() if busy and "/media/" in request.url.path else None)
    assert either.run(either.client.download("holiday-1", tmp_path, mp3=True)).read_bytes() == b"sound" * 1000


def test_it_goes_on_after_each_break(either, fake, tmp_path, waits) -> None:
    fake.faults.append(breaks_off(100_000, 7))
    path = either.run(either.client.download("holiday-1", tmp_path))
    assert path.read_bytes() == CONTENT
    assert len(waits) == 7


def test_the_next_run_goes_on_where_this_one_ended(either, fake, tmp_path) -> None:
    fault = breaks_off(300_000, 1)
    fake.faults += [fault, lambda request: httpx.Response(503) if "/media/" in request.url.path else None]
    with pytest.raises(NotReachable):
        either.run(either.client.download("holiday-1", tmp_path))
    assert os.listdir(tmp_path) == [PART]
    assert (tmp_path / PART).stat().st_size == 300_000
    fake.faults.clear()
    ranges = []
    fake.faults.append(lambda request: ranges.append(request.headers.get("range")))
    assert either.run(either.client.download("holiday-1", tmp_path)).read_bytes() == CONTENT
    assert "bytes=300000-" in ranges
    assert os.listdir(tmp_path) == ["holiday.mp4"]


def test_without_resume_it_begins_anew(either, tmp_path) -> None:
    (tmp_path / PART).write_bytes(b"x" * 1000)
    assert either.run(either.client.download("holiday-1", tmp_path, resume=False)).read_bytes() == CONTENT


def test_other_bytes_under_the_partial_name_are_noticed(either, tmp_path) -> None:
    (tmp_path / PART).write_bytes(b"x" * 1000)
    with pytest.raises(ChecksumMismatch):
        either.run(either.client.download("holiday-1", tmp_path))
    assert os.listdir(tmp_path) == []


def test_a_url_that_has_expired_is_renewed(either, fake, tmp_path) -> None:
    fake.faults.append(breaks_off(100_000, 1))

    def expire(request):
        if "/media/" in request.url.path and fake.bucket.url_number == 0:
            fake.bucket.expire_urls()
        return

    fake.faults.insert(0, expire)
    assert either.run(either.client.download("holiday-1", tmp_path)).read_bytes() == CONTENT
    assert fake.requests.count("GET /v1/videos/holiday-1/url") == 2


def test_what_is_there_already_is_not_fetched_again(either, fake, tmp_path) -> None:
    (tmp_path / "holiday.mp4").write_bytes(CONTENT)
    either.run(either.client.download("holiday-1", tmp_path))
    assert not any("media" in line for line in fake.requests)


def test_another_file_of_the_name_is_kept(either, tmp_path) -> None:
    (tmp_path / "holiday.mp4").write_bytes(b"mine")
    with pytest.raises(LocalFileError, match="exists already"):
        either.run(either.client.download("holiday-1", tmp_path))
    assert (tmp_path / "holiday.mp4").read_bytes() == b"mine"
    assert either.run(either.client.download("holiday-1", tmp_path, overwrite=True)).read_bytes() == CONTENT


def test_files_of_others_beside_it_are_not_touched(either, fake, tmp_path) -> None:
    """Browsers, too, call what they are fetching NAME.part; and another video may have the same name."""
    others = ("holiday.mp4.part", ".holiday.mp4.holiday-2.reelgate-part")
    for name in others:
        (tmp_path / name).write_bytes(b"theirs")
    assert either.run(either.client.download("holiday-1", tmp_path)).read_bytes() == CONTENT
    assert [(tmp_path / name).read_bytes() for name in others] == [b"theirs"] * 2


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_appears_meanwhile_is_kept(either, fake, tmp_path, monkeypatch, links) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "not permitted")))
    target = tmp_path / "holiday.mp4"

    def appears(request):
        if "/media/" in request.url.path:
            target.write_bytes(b"mine")

    fake.faults.append(appears)
    with pytest.raises(LocalFileError, match="exists already"):
        either.run(either.client.download("holiday-1", tmp_path))
    assert target.read_bytes() == b"mine"
    fake.faults.clear()
    fake.requests.clear()
    assert either.run(either.client.download("holiday-1", tmp_path, overwrite=True)).read_bytes() == CONTENT
    assert not any("media" in line for line in fake.requests)
    target.unlink()
    assert either.run(either.client.download("holiday-1", tmp_path)).read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["holiday.mp4"]


@pytest.mark.parametrize("name", ["../../a.mp4", "..\\a.mp4", "C:\\a.mp4", "C:a.mp4", "a\n\x1b.mp4"])
def test_a_name_leads_to_no_other_place_on_any_system(either, fake, tmp_path, name) -> None:
    fake.video("odd-name-1", name, b"x")
    path = either.run(either.client.download("odd-name-1", tmp_path))
    assert path.parent == tmp_path
    assert path.name.isprintable()
    assert not set(path.name) & set("/\\:")


def test_a_very_long_name_has_room_for_its_suffix(either, fake, tmp_path) -> None:
    name = "\u00e9" * 120 + ".mp4"
    fake.video("long-name-1", name, b"x")
    assert either.run(either.client.download("long-name-1", tmp_path)).name == name


def test_a_disk_that_fills_up_loses_nothing(either, fake, tmp_path, monkeypatch) -> None:
    class Full(partial_files.PartialFile):
        def write(self, data: bytes) -> None:
            if self.kept > 100_000:
                raise partial_files.local_error(OSError(errno.ENOSPC, "No space left on device"), self.target)
            super().write(data[:120_000])

    module = f"reelgate_client.{'aio' if either.is_async else 'sync'}.transfers.fetching.PartialFile"
    with monkeypatch.context() as patched:
        patched.setattr(module, Full)
        fake.faults.append(breaks_off(500_000, 5))
        with pytest.raises(LocalFileError, match=r"no room left for holiday\.mp4 on this disk"):
            either.run(either.client.download("holiday-1", tmp_path))
    assert os.listdir(tmp_path) == [PART]
    fake.faults.clear()
    assert either.run(either.client.download("holiday-1", tmp_path)).read_bytes() == CONTENT


def test_a_disk_without_room_is_noticed_before_the_first_byte(either, fake, tmp_path, monkeypatch) -> None:
    usage = partial_files.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(partial_files.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(LocalFileError, match=r"needs 1\.0 MB more, and this disk has 0\.0 MB left"):
        either.run(either.client.download("holiday-1", tmp_path))
    assert not any("media" in line for line in fake.requests)


def test_two_processes_do_not_write_one_file(either, tmp_path) -> None:
    part = partial_files.PartialFile(tmp_path / "holiday.mp4", len(CONTENT), "holiday-1")
    with part.locked(), pytest.raises(LocalFileError, match="another process"):
        either.run(either.client.download("holiday-1", tmp_path))


@pytest.mark.parametrize("name", ["At the sea", "holiday.mp4", "holiday-1"])
def test_a_video_is_found_by_id_name_or_title(either, name) -> None:
    assert either.run(either.client.find(name)).video_id == "holiday-1"
