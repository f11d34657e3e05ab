"""`reelgate upload`: every file to its end, whatever happens to the others."""

from __future__ import annotations

import httpx

from tests.doubles.fake_reelgate import problem


def test_it_prints_what_has_become_of_each(reelgate, fake, films) -> None:
    ran = reelgate("upload", *sorted(films.iterdir()), "--json")
    assert ran.code == 0
    assert sorted(line["filename"] for line in ran.lines) == [f"film {number}.mp4" for number in range(5)]
    assert {line["outcome"] for line in ran.lines} == {"uploaded"}
    assert {line["video_id"] for line in ran.lines} == fake.uploads.keys()


def test_a_second_run_finds_them_there(reelgate, fake, films) -> None:
    reelgate("upload", *films.iterdir())
    arrived = fake.bucket.arrived.total()
    ran = reelgate("upload", *films.iterdir(), "--json")
    assert (ran.code, {line["outcome"] for line in ran.lines}) == (0, {"present"})
    assert fake.bucket.arrived.total() == arrived


def test_large_files_go_in_parts(reelgate, fake, tmp_path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"x" * 3_000_000)
    assert reelgate("upload", film, "--part-mib", 1, "--title", "At the sea").code == 0
    assert sum("/part/" in line for line in fake.requests) == 3
    assert [one.title for one in fake.uploads.values()] == ["At the sea"]


def test_what_does_not_fit_is_said_before_the_first_byte_and_the_rest_goes_on(reelgate, fake, films) -> None:
    fake.storage_limit = 950_000
    ran = reelgate("upload", *sorted(films.iterdir()), "--json")
    assert ran.code == 4
    assert sorted(line["outcome"] for line in ran.lines) == ["failed", "failed", "uploaded", "uploaded", "uploaded"]
    assert next(line["error"]["code"] for line in ran.lines if line["error"]) == "storage_limit_exceeded"


def test_what_an_interrupted_run_has_reserved_is_not_asked_for_again(reelgate, fake, films) -> None:
    """The account is full with the very files that are to be sent."""
    files = sorted(films.iterdir())
    fake.storage_limit = sum(film.stat().st_size for film in files)
    fake.faults.append(lambda request: httpx.Response(503) if "session" in request.url.path else None)
    assert reelgate("upload", *files[:2], "--parallel", 1).code == 5
    fake.faults.clear()
    ran = reelgate("upload", *files, "--json")
    assert (ran.code, {line["outcome"] for line in ran.lines}) == (0, {"uploaded"})


def test_an_open_upload_of_another_size_is_named(reelgate, fake, films) -> None:
    """As after a file was changed in the middle."""
    film = films / "film 1.mp4"
    fake.faults.append(lambda request: httpx.Response(503) if "session" in request.url.path else None)
    reelgate("upload", film)
    fake.faults.clear()
    [upload] = fake.uploads.values()
    film.write_bytes(b"changed")
    ran = reelgate("upload", film)
    assert ran.code == 7
    assert f"reelgate uploads cancel {upload.upload_id}" in " ".join(ran.err.split())
    assert reelgate("uploads", "cancel", upload.upload_id).code == 0
    assert reelgate("upload", film).code == 0


def test_names_are_those_that_the_server_compares(reelgate, fake, tmp_path) -> None:
    film = tmp_path / "Cafe\u0301.mp4"
    film.write_bytes(b"film")
    assert reelgate("upload", film).code == 0
    assert fake.by_name("Caf\u00e9.mp4").state == "ready"
    [line] = reelgate("upload", film, "--json").lines
    assert line["outcome"] == "present"


def test_another_file_of_the_name_is_left_alone(reelgate, fake, films) -> None:
    fake.video("v1", "film 0.mp4", b"another")
    ran = reelgate("upload", films / "film 0.mp4", films / "film 1.mp4")
    assert ran.code == 7
    assert "film 0.mp4: You already have a video" in ran.err
    assert fake.by_name("film 1.mp4").state == "ready"


def test_files_that_are_not_there_do_not_stop_the_others(reelgate, fake, films) -> None:
    ran = reelgate("upload", films / "missing.mp4", films / "film 1.mp4")
    assert ran.code == 8
    assert "There is no file" in ran.err
    assert fake.by_name("film 1.mp4").state == "ready"


def test_a_server_that_is_away_is_not_asked_for_every_file(reelgate, fake, films) -> None:
    fake.faults.append(
        lambda request: (
            problem(503, "unavailable", "Later.") if request.method == "POST" and "check" not in request.url.path else None
        )
    )
    ran = reelgate("upload", *films.iterdir(), "--parallel", 1)
    assert ran.code == 5
    assert fake.requests.count("POST /v1/uploads") == 3 * 2


def test_a_bucket_that_is_away_says_that_nothing_is_lost(reelgate, fake, films) -> None:
    fake.faults.append(lambda request: httpx.Response(503) if "session" in request.url.path else None)
    ran = reelgate("upload", films / "film 1.mp4")
    assert ran.code == 5
    assert "The place where videos are stored cannot be reached" in ran.err
    fake.faults.clear()
    assert reelgate("upload", films / "film 1.mp4").code == 0
    assert len(fake.uploads) == 1


def test_quiet_prints_results_alone(reelgate, films) -> None:
    ran = reelgate("upload", *films.iterdir(), "--quiet")
    assert ran.err == ""
    assert len(ran.out.splitlines()) == 5


def test_it_is_not_understood_without_files(reelgate) -> None:
    assert reelgate("upload").code == 2


def test_a_title_is_for_one_file(reelgate, films) -> None:
    assert reelgate("upload", *films.iterdir(), "--title", "All").code == 2


def test_no_secret_is_on_disk_or_on_the_terminal(reelgate, fake, films, home) -> None:
    fake.faults.append(lambda request: httpx.Response(503) if "session" in request.url.path else None)
    ran = reelgate("upload", *films.iterdir(), "--parallel", 1)
    kept = (home / ".local/state/reelgate/uploads.json").read_text()
    assert all(upload_id in kept for upload_id in fake.uploads)
    assert not any("storage.example" in text for text in (kept, ran.out, ran.err))
