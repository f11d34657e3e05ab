"""README and docs as their readers use them: every shell block, as it stands and in order, and what it brings about.

A page is one shell. It fails where a command of it fails, where a request is answered with an error, where the output is not
what the page says it shows, and where a file is not what its name promises. What is not run, and why, is held by
tests/unit/docs/test_shell_blocks.py.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import httpx
import pytest

from localcloud.auth.accounts import fresh_id_token, stable_uid
from localcloud.demo.video import make_video
from localcloud.supervisor.ports import find_free_base
from tests.e2e.people import sign_up
from tests.fixtures.docs.shell_blocks import Block, pages, session
from tests.fixtures.openapi_document import ROOT

BLOCK_SECONDS = 240
PAGES = [page for page in pages() if session(page)]
# curl as everybody has it, but it also notes what it was answered.
WATCHED_CURL = """#!/bin/sh
said=$(mktemp)
{curl} -v --stderr "$said" "$@"
code=$?
grep -E '^(< HTTP/|> [A-Z]+ )' "$said" >> "$ANSWERS"
echo "= $code" >> "$ANSWERS"
grep '^curl: ' "$said" >&2
rm "$said"
exit $code
"""


class Shell:
    """A reader's shell in a folder that looks like the repository, with some films in it."""

    def __init__(self, folder: Path, environment: Mapping[str, str], films: Mapping[str, Path]) -> None:
        self.folder = folder / "reelgate"
        self._notes = folder / "notes"
        programs = folder / "bin"
        for made in (self.folder, self._notes, programs):
            made.mkdir()
        for entry in ROOT.iterdir():
            (self.folder / entry.name).symlink_to(entry)
        for name, film in films.items():
            shutil.copy(film, self.folder / name)
        curl = shutil.which("curl")
        assert curl
        (programs / "curl").write_text(WATCHED_CURL.format(curl=curl))
        (programs / "curl").chmod(0o755)
        self._answers = self._notes / "answers"
        env = {**environment, "PATH": f"{programs}:{environment['PATH']}", "ANSWERS": str(self._answers)}
        self._bash = subprocess.Popen(
            ["bash", "--norc"], cwd=self.folder, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._known = self._files()
        self._tell("set -euo pipefail")

    def close(self) -> None:
        """End the shell."""
        self._bash.kill()
        self._bash.wait()
        for stream in (self._bash.stdin, self._bash.stdout):
            if stream:
                stream.close()

    def run(self, block: Block) -> None:
        """Run a block and look at what it did."""
        until = time.monotonic() + 60
        while missing := self._run_once(block):
            assert block.takes_a_moment, f"{block.place} does not show {missing}"
            assert time.monotonic() < until, f"{block.place} has not come to show {missing}"
            time.sleep(0.2)
        self._look_at_files(block)

    def _run_once(self, block: Block) -> list[str]:
        """Run it; returns what the page says it shows and it did not."""
        script, out, err = (self._notes / name for name in ("block", "out", "err"))
        script.write_text(block.text)
        self._answers.write_text("")
        self._tell(f"source {script} > {out} 2> {err} < /dev/null")
        self._tell("echo done")
        ended = self._heard() == "done\n"
        printed, problems = out.read_text(), err.read_text()
        assert ended, f"{block.place} failed:\n{printed}\n{problems}"
        assert self._errors() == [], f"{block.place}:\n{printed}\n{problems}"
        if printed.strip():
            assert block.shows, f"{block.place} prints something; say in a comment what it shows:\n{printed}"
        flat = " ".join(printed.split())
        return [text for text in block.shows if text not in flat]

    def _errors(self) -> list[str]:
        """Return the requests whose last answer, after redirects and retries, was an error."""
        calls = [call for call in re.split(r"^= \d+\n", self._answers.read_text(), flags=re.MULTILINE) if call.strip()]
        last = [(call.splitlines()[0], call.splitlines()[-1]) for call in calls]
        return [f"{asked}: {answer}" for asked, answer in last if not re.match(r"< HTTP/\S+ [123]", answer)]

    def _look_at_files(self, block: Block) -> None:
        """Hold new and changed files against their names."""
        before, self._known = self._known, self._files()
        for path in (path for path, when in self._known.items() if before.get(path) != when):
            content = path.read_bytes()
            is_error = content.lstrip().startswith(b"{") and b"urn:problem-type" in content
            assert not is_error, f"{block.place} saved an error as {path.name}"
            assert content or path.suffix == ".ndjson", f"{block.place} made {path.name} empty"
            match path.suffix:
                case ".mp4" | ".mp3":
                    wanted = "mp3" if path.suffix == ".mp3" else "mp4"
                    with av.open(str(path)) as media:
                        assert wanted in media.format.name.split(","), f"{block.place}: {path.name} is {media.format.name}"
                        assert next(media.decode(audio=0)).samples > 0
                case ".json":
                    json.loads(content)
                case ".ndjson":
                    for line in content.splitlines():
                        json.loads(line)

    def _files(self) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in self.folder.iterdir() if not path.is_symlink() and path.is_file()}

    def _tell(self, line: str) -> None:
        assert self._bash.stdin
        try:
            self._bash.stdin.write(f"{line}\n")
            self._bash.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and nothing will be heard of it

    def _heard(self) -> str:
        """Return the shell's next line, empty when it has ended, or had to be."""
        assert self._bash.stdout
        timer = threading.Timer(BLOCK_SECONDS, self._bash.kill)
        timer.start()
        try:
            return self._bash.stdout.readline()
        finally:
            timer.cancel()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The files that the pages take for granted: a long one, of several chunks, and short ones."""
    folder = tmp_path_factory.mktemp("films")
    holiday = make_video(folder / "holiday.mp4", seconds=3, noise=0.6)
    clip = make_video(folder / "clip.mp4", seconds=1)
    return {"holiday.mp4": holiday, "clip.mp4": clip, "film.mp4": clip}


@pytest.fixture
def shell(
    request: pytest.FixtureRequest, cloud: Mapping[str, str], films: Mapping[str, Path], tmp_path: Path
) -> Iterator[Shell]:
    """A shell that knows nothing but where its local cloud is; a page that starts one gets ports of its own."""
    page: Path = request.param
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REELGATE_", "GOOGLE_", "CLOUDSDK_")) and "EMULATOR" not in name
    }
    starts = any("emulator.sh up" in block.text for block in session(page))
    if starts:
        plain |= {"REELGATE_PORT": str(find_free_base()), "REELGATE_STATE": str(tmp_path / "state")}
    else:
        plain |= {name: cloud[name] for name in ("REELGATE_PORT", "REELGATE_STATE") if name in cloud}
    made = Shell(tmp_path, plain, films)
    try:
        yield made
    finally:
        made.close()
        if starts:
            down = [sys.executable, "-m", "localcloud", "down"]
            subprocess.run(down, cwd=ROOT, env=plain, capture_output=True, stdin=subprocess.DEVNULL, check=False)


@pytest.fixture(scope="module", autouse=True)
def somebody_was_here(cloud: Mapping[str, str]) -> None:
    """Have at least one webhook delivered, which admins then find."""
    newcomer = {
        "email": f"{secrets.token_hex(6)}@example.org",
        "password": secrets.token_hex(8),
        "username": secrets.token_hex(6),
    }
    registered = httpx.post(f"{cloud['REELGATE_URL']}/register", json=newcomer, timeout=60).raise_for_status().json()
    with sign_up(cloud, role="admin") as admin:
        admin.first_delivery_about(registered["uid"])


@pytest.fixture(autouse=True)
def tidy(cloud: Mapping[str, str]) -> None:
    """Take away what the page before has left to the person in the examples."""
    port = int(cloud["FIREBASE_AUTH_EMULATOR_HOST"].rpartition(":")[2])
    token = fresh_id_token(port, cloud["GOOGLE_CLOUD_PROJECT"], "ada@example.org", admin=False)
    with sign_up(cloud, role="admin") as admin:
        # Another run in the same cloud may have used up some of the day; in a new one there is no account yet.
        reset = admin.api.post("/api/usage/reset-daily", json={"user_id": stable_uid("ada@example.org")})
        assert reset.status_code in {200, 404}, reset.text
    with httpx.Client(base_url=cloud["REELGATE_URL"], headers={"Authorization": f"Bearer {token}"}, timeout=60) as api:
        for upload in api.get("/v1/uploads").json()["items"]:
            api.delete(f"/v1/uploads/{upload['upload_id']}").raise_for_status()
        for file in api.get("/files").json()["files"]:
            api.request("DELETE", "/delete-file", json={"filename": file["filename"]}).raise_for_status()
        api.delete("/v1/trash").raise_for_status()


@pytest.mark.parametrize(
    ("shell", "page"), [(page, page) for page in PAGES], indirect=["shell"], ids=[str(page.relative_to(ROOT)) for page in PAGES]
)
def test_a_page_does_what_it_says(shell: Shell, page: Path) -> None:
    for block in session(page):
        shell.run(block)
