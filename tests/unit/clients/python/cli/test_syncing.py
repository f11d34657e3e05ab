"""`reelgate sync`: a folder becomes videos, once, whatever else happens."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from pathlib import Path

import httpx
import pytest

from reelgate.domain.media.media_types import TYPES
from reelgate_client.cli.transfers.folders import ENDINGS, name_of, scan
from reelgate_client.errors import Conflict


def ready(fake) -> Counter[str]:
    return Counter(one.filename for one in fake.uploads.values() if one.state == "ready" and not one.trashed)


def test_all_that_is_missing_is_sent(reelgate, fake, films) -> None:
    fake.video("v0", "film 0.mp4", (films / "film 0.mp4").read_bytes())
    ran = reelgate("sync", films, "--json")
    assert ran.code == 0
    assert Counter(line["outcome"] for line in ran.lines) == {"uploaded": 4, "present": 1}
    assert ready(fake) == dict.fromkeys([f"film {number}.mp4" for number in range(5)], 1)
    assert {line["outcome"] for line in reelgate("sync", films, "--json").lines} == {"present"}


def test_a_dry_run_sends_nothing(reelgate, fake, films) -> None:
    ran = reelgate("sync", films, "--dry-run", "--json")
    assert {line["outcome"] for line in ran.lines} == {"planned"}
    assert fake.uploads == {}


def test_another_video_of_the_name_is_reported_and_the_rest_goes_on(reelgate, fake, films) -> None:
    fake.video("v0", "film 0.mp4", b"another")
    ran = reelgate("sync", films)
    assert ran.code == 7
    assert "film 0.mp4: There is another video" in ran.err
    assert sum(ready(fake).values()) == 5


def test_after_a_kill_it_goes_on_at_once(reelgate, fake, films) -> None:
    """What was begun here is not waited for, and what has arrived is not sent again."""
    size = (films / "film 1.mp4").stat().st_size

    def killed(request):
        if request.content and "session" in request.url.path:
            fake.bucket.answer(request)
            raise KeyboardInterrupt
        return

    fake.faults.append(killed)
    assert reelgate("sync", films, "--chunk-kib", 256, "--parallel", 1).code == 130
    fake.faults.clear()
    assert reelgate("sync", films, "--chunk-kib", 256, "--parallel", 1, "--patience", 999).code == 0
    assert sum(ready(fake).values()) == 5
    assert all(fake.bucket.arrived[one] <= size + 10_000 for one in fake.uploads)


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_without_its_file_it_waits_until_the_upload_stands_still(reelgate, fake, films, home, damage) -> None:
    fake.faults.append(lambda request: httpx.Response(503) if "session" in request.url.path else None)
    reelgate("sync", films, "--parallel", 1)
    fake.faults.clear()
    state = home / ".local/state/reelgate"
    if damage == "gone":
        shutil.rmtree(state)
    else:
        (state / "uploads.json").write_text("{")
    assert reelgate("sync", films, "--patience", 0.1).code == 0
    assert sum(ready(fake).values()) == 5
    assert len(fake.uploads) == 5


def test_an_upload_that_grows_is_left_to_the_other_machine(reelgate, fake, films) -> None:
    """Each time it is asked for, another part has come; longer than it may stand still."""
    film = films / "film 1.mp4"
    content = film.read_bytes()
    with httpx.Client(transport=fake.transport, headers={"Authorization": "Bearer rgk_abc"}) as api:
        body = {"filename": film.name, "size": len(content), "start": "parts", "part_size": 20_000}
        upload_id = api.post("https://api.example/v1/uploads", json=body).raise_for_status().json()["upload_id"]
        seen: list[int] = []

        def other_machine(request: httpx.Request) -> None:
            if request.method == "GET" and request.url.path == f"/v1/uploads/{upload_id}":
                first = len(seen) * 20_000
                fake.bucket._parts[upload_id, len(seen)] = content[first : first + 20_000]
                seen.append(first)
                if first + 20_000 >= len(content):
                    fake.faults.clear()
                    api.post(f"https://api.example/v1/uploads/{upload_id}/complete", json={}).raise_for_status()

        fake.faults.append(other_machine)
        ran = reelgate("sync", films, "--patience", 0.1, "--json")
    assert len(seen) == 16
    assert {line["filename"]: line["outcome"] for line in ran.lines}[film.name] == "present"
    assert fake.bucket.arrived[upload_id] == 0


def test_an_upload_that_was_begun_in_another_way_is_gone_on_with(reelgate, fake, films) -> None:
    film = films / "film 1.mp4"
    with httpx.Client(transport=fake.transport, headers={"Authorization": "Bearer rgk_abc"}) as api:
        body = {"filename": film.name, "size": film.stat().st_size, "start": "parts", "part_size": 100_000}
        body["crc32c"] = fake.bucket.put_object("scratch", film.read_bytes())
        api.post("https://api.example/v1/uploads", json=body).raise_for_status()
    assert reelgate("sync", films, "--patience", 0.1).code == 0
    assert ready(fake)[film.name] == 1


def begun_without_checksum(fake, name: str, content: bytes, **how: object) -> str:
    """An upload that others have begun for another file, with its first half there."""
    with httpx.Client(transport=fake.transport, headers={"Authorization": "Bearer rgk_abc"}) as api:
        body = {"filename": name, "size": len(content), **how}
        upload_id = api.post("https://api.example/v1/uploads", json=body).raise_for_status().json()["upload_id"]
        if how["start"] == "server":
            half = {"Content-Range": f"bytes 0-{256 * 1024 - 1}/{len(content)}"}
            api.headers.clear()
            api.put(fake.bucket.session_url(upload_id), content=content[: 256 * 1024], headers=half)
        else:
            size = how["part_size"]
            fake.bucket._parts[upload_id, 0] = content[:size]
    return upload_id


def test_a_video_of_two_files_goes_to_the_trash(reelgate, fake, films) -> None:
    film = films / "film 1.mp4"
    upload_id = begun_without_checksum(fake, film.name, b"z" * film.stat().st_size, start="server")
    ran = reelgate("sync", films, "--patience", 0.1)
    assert ran.code == 9
    assert "It is in the trash" in ran.err
    assert fake.uploads[upload_id].trashed
    assert reelgate("sync", films).code == 0
    assert ready(fake)[film.name] == 1
    assert fake.by_name(film.name).crc32c == fake.bucket.put_object("scratch", film.read_bytes())


def test_a_video_that_others_have_made_of_another_file_is_theirs(reelgate, fake, films) -> None:
    film = films / "film 1.mp4"
    content = b"z" * film.stat().st_size
    upload_id = begun_without_checksum(fake, film.name, content, start="server")
    fake.bucket.put_object(upload_id, content)
    assert reelgate("sync", films, "--patience", 0.1).code == 7
    assert not fake.uploads[upload_id].trashed


def test_parts_of_another_file_are_left_and_it_says_what_to_do(reelgate, fake, films) -> None:
    film = films / "film 1.mp4"
    upload_id = begun_without_checksum(fake, film.name, b"z" * film.stat().st_size, start="parts", part_size=100_000)
    ran = reelgate("sync", films, "--patience", 0.1)
    assert ran.code == 7
    assert f"reelgate uploads cancel {upload_id}" in " ".join(ran.err.split())
    assert fake.uploads[upload_id].state == "open"
    assert reelgate("uploads", "cancel", upload_id).code == 0
    assert reelgate("sync", films).code == 0


def test_two_machines_at_once_make_no_doubles(reelgate, fake, films, tmp_path) -> None:
    """The second machine begins while the first one is in the middle of a file, and finishes it all."""
    inner = []

    def other_machine(request):
        if request.content and "session" in request.url.path and not inner:
            inner.append(None)
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

            with ThreadPoolExecutor(1) as pool:
                inner[0] = pool.submit(reelgate, "sync", films, "--patience", 0.1, home=tmp_path / "other").result()
        return

    fake.faults.append(other_machine)
    fake.bucket.arrived.clear()
    assert reelgate("sync", films, "--parallel", 1).code == 0
    assert inner[0].code == 0
    assert ready(fake) == dict.fromkeys([f"film {number}.mp4" for number in range(5)], 1)
    assert len(fake.uploads) == 5


def test_folders_are_left_out_in_words_or_become_part_of_names(reelgate, fake, films) -> None:
    (films / "trip").mkdir()
    (films / "trip" / "day 1.mp4").write_bytes(b"day")
    (films / "notes.txt").write_text("notes")
    (films / ".hidden.mp4").write_bytes(b"hidden")
    ran = reelgate("sync", films)
    assert "1 folder" in ran.err
    assert "1 file left out: neither sound nor video" in ran.err
    assert reelgate("sync", films, "--recursive").code == 0
    assert ready(fake)["trip - day 1.mp4"] == 1
    assert sum(ready(fake).values()) == 6


def test_two_files_that_would_get_one_name_are_refused_before_anything_is_sent(reelgate, fake, films) -> None:
    (films / "trip").mkdir()
    (films / "trip" / "day.mp4").write_bytes(b"day")
    (films / "trip - day.mp4").write_bytes(b"another")
    ran = reelgate("sync", films, "--recursive")
    assert ran.code == 7
    assert "would get one name" in ran.err
    assert fake.requests == []
    with pytest.raises(Conflict):
        scan(films, recursive=True)


def test_names_are_those_that_the_server_compares(tmp_path) -> None:
    assert name_of(Path("Cafe\u0301.mp4")) == "Caf\u00e9.mp4"


def test_a_folder_that_is_not_there_says_so(reelgate, tmp_path) -> None:
    ran = reelgate("sync", tmp_path / "nowhere")
    assert ran.code == 8
    assert "nowhere" in ran.err


def test_it_knows_the_endings_that_the_server_takes() -> None:
    assert {ending for endings in TYPES.values() for ending in endings} == ENDINGS


def test_it_does_not_matter_which_machine_a_key_is_made_on() -> None:
    """The key is part of the contract between machines: another version of the client must make the same one."""
    from reelgate_client.core.local_files import LocalFile  # noqa: PLC0415
    from reelgate_client.core.plans import Plan  # noqa: PLC0415

    plan = Plan(file=LocalFile(Path("/x/a.mp4"), 5, 1), filename="a.mp4", crc32c="yZRlqg==")
    expected = hashlib.sha256(b'["a.mp4", 5, "yZRlqg==", null, null, 0]').hexdigest()[:48]
    assert plan.idempotency_key() == f"content-{expected}"
