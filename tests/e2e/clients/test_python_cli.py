"""`reelgate` as people run it: a process, a home folder, a network that fails, over HTTP to the local cloud."""

from __future__ import annotations

import json
import os
import resource
import secrets
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud.demo.video import make_video
from tests.e2e.people import Person, sign_up
from tests.fixtures.counting_proxy import CountingProxy

PROGRAM = Path(sys.executable).with_name("reelgate")
CHUNK = 256 * 1024
KILLS = 5


class Machine:
    """A machine with a home folder of its own, on which somebody is signed in."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        home.mkdir()
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("REELGATE_", "XDG_"))}
        self.environment = {**plain, "HOME": str(home), "REELGATE_URL": url, "NO_COLOR": "1"}

    def start(self, *arguments: object, proxy: CountingProxy | None = None, **options) -> subprocess.Popen[str]:
        """Start `reelgate`, whose traffic may go through a proxy."""
        through = {"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "NO_PROXY": "", "no_proxy": ""} if proxy else {}
        return subprocess.Popen(
            [str(PROGRAM), *map(str, arguments)],
            env=self.environment | through,
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: object, stdin: str = "", code: int = 0, **options) -> str:
        """Run `reelgate` to its end; returns what it printed, both streams, after checking its exit code."""
        process = self.start(*arguments, stdin=subprocess.PIPE, **options)
        out, err = process.communicate(stdin, timeout=240)
        assert process.returncode == code, f"{process.returncode}\n{out}\n{err}"
        return out + err

    def sign_in(self, person: Person) -> None:
        """Sign in with the password."""
        self.run("login", person.email, stdin=person.password + "\n")


@pytest.fixture
def machine(cloud: Mapping[str, str], person: Person, tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "home", cloud["REELGATE_URL"])
    made.sign_in(person)
    return made


@pytest.fixture
def proxy() -> Iterator[CountingProxy]:
    with CountingProxy() as made:
        yield made


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty real videos, each of two to three chunks: one film, each time with other bytes in a box that players skip."""
    folder = tmp_path_factory.mktemp("films")
    film = make_video(folder / "film.mp4", seconds=1).read_bytes()
    (folder / "film.mp4").unlink()
    for number in range(20):
        filler = secrets.token_bytes(450_000 + 5000 * number)
        (folder / f"film {number:02}.mp4").write_bytes(film + (len(filler) + 8).to_bytes(4, "big") + b"free" + filler)
    return folder


def names(person: Person) -> list[str]:
    """Return the names of a person's videos."""
    return sorted(video["filename"] for video in person.api.get("/v1/videos", params={"limit": 1000}).json()["items"])


def test_a_folder_arrives_although_its_sync_is_killed_five_times(
    machine: Machine, person: Person, films: Path, proxy: CountingProxy
) -> None:
    total = sum(film.stat().st_size for film in films.iterdir())
    sync = ("sync", films, "--parallel", 1, "--chunk-kib", CHUNK // 1024, "--patience", 1)
    for number in range(KILLS):
        limit = total * (number + 1) // (KILLS + 1)
        process = machine.start(*sync, proxy=proxy)
        proxy.when(limit, process.kill)
        process.communicate(timeout=240)
        assert process.returncode == -signal.SIGKILL
        state = machine.home / ".local" / "state" / "reelgate" / "uploads.json"
        assert stat.S_IMODE(state.stat().st_mode) == 0o600
        assert "http" not in state.read_text()
    said = machine.run(*sync, "--json", proxy=proxy)
    assert all(json.loads(line)["error"] is None for line in said.splitlines())
    assert names(person) == sorted(film.name for film in films.iterdir())
    assert person.api.get("/v1/uploads").json()["items"] == []
    # Each kill may cost the chunk that was on its way, and nothing else.
    assert total <= proxy.sent.total() <= total + KILLS * CHUNK
    most = max(film.stat().st_size for film in films.iterdir())
    assert max(proxy.sent.values()) <= most + 2 * CHUNK
    person.assert_books_right()


def test_two_machines_with_one_folder_make_no_doubles(
    cloud: Mapping[str, str], machine: Machine, person: Person, films: Path, tmp_path: Path
) -> None:
    other = Machine(tmp_path / "other", cloud["REELGATE_URL"])
    other.sign_in(person)
    with ThreadPoolExecutor(2) as pool:
        sync = ("sync", films, "--json", "--patience", 10)
        said = list(pool.map(lambda one: one.run(*sync), (machine, other)))
    outcomes = [[json.loads(line)["outcome"] for line in text.splitlines()] for text in said]
    assert all(set(one) <= {"uploaded", "present"} and len(one) == 20 for one in outcomes)
    assert names(person) == sorted(film.name for film in films.iterdir())
    assert person.api.get("/v1/uploads").json()["items"] == []
    assert person.api.get("/v1/trash").json()["items"] == []
    person.assert_books_right()


def test_what_goes_wrong_is_said_in_words_and_loses_nothing(
    cloud: Mapping[str, str], machine: Machine, person: Person, films: Path, proxy: CountingProxy, tmp_path: Path
) -> None:
    first, second, third, *_ = sorted(films.iterdir())

    # A wrong password, and a sign-in that was ended elsewhere.
    assert "Check what you typed" in machine.run("login", person.email, stdin="wrong\n", code=3)
    session = machine.home / ".local" / "state" / "reelgate" / "session.json"
    content = json.loads(session.read_text())
    for deployment in content["deployments"].values():
        deployment["expires_at"] = "2020-01-01T00:00:00+00:00"
        deployment["token"] = "expired"
    session.write_text(json.dumps(content))
    assert person.email in machine.run("whoami")  # the token was renewed
    for deployment in content["deployments"].values():
        deployment["refresh_token"] = "revoked"
    session.write_text(json.dumps(content))
    assert "Your sign-in has ended. Sign in again." in machine.run("upload", first, code=3)
    machine.sign_in(person)

    # The bucket is away in the middle of a file; the next run goes on.
    proxy.refuse_puts_after(CHUNK)
    said = machine.run("upload", first, "--chunk-kib", CHUNK // 1024, proxy=proxy, code=5)
    assert "The place where videos are stored cannot be reached" in said
    proxy.refuse_puts_after(None)
    machine.run("upload", first, "--chunk-kib", CHUNK // 1024, proxy=proxy)
    assert proxy.sent.total() <= first.stat().st_size + 2 * CHUNK

    # The name is taken by other content; the other file goes on.
    said = machine.run("upload", first, "--name", second.name) + machine.run("upload", second, third, code=7)
    assert f"{second.name}: You already have a video" in said
    assert third.name in names(person)

    # A disk that fills up in the middle of a download, and the run after that.
    folder = tmp_path / "fetched"
    folder.mkdir()

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    said = machine.run("download", first.name, "-o", folder, code=8, preexec_fn=small_disk)
    assert f"no room left for {first.name}" in said
    [partial] = [path.name for path in folder.iterdir()]
    assert partial.startswith(f".{first.name}.")
    assert partial.endswith(".reelgate-part")
    machine.run("download", first.name, "-o", folder)
    assert [path.name for path in folder.iterdir()] == [first.name]
    assert (folder / first.name).read_bytes() == first.read_bytes()

    # The quota is used up.
    with sign_up(cloud, role="admin") as admin:
        limits = {"limits": {"storage": first.stat().st_size * 3}}
        admin.api.patch(f"/v1/admin/users/{person.uid}", json=limits).raise_for_status()
    fourth = sorted(films.iterdir())[3]
    assert "your storage is full" in machine.run("upload", fourth, code=4)


def test_a_server_that_is_away_is_named(cloud: Mapping[str, str], tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home", "http://127.0.0.1:9")
    machine.environment["REELGATE_API_KEY"] = "rgk_any"
    assert "http://127.0.0.1:9 cannot be reached" in machine.run("ls", code=5)
