"""Building what browsers load: only when its sources changed, with npm only when the lock file did, and never half."""

import os
import shutil
from pathlib import Path

import pytest

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.services import clients

NODE = """#!/bin/sh
[ "$1" = --version ] && { echo "${NODE_VERSION:-v22.1.0}"; exit; }
[ -e ../node_modules/packages ] || exit 9
echo "node $1 in ${PWD##*/}" >>"$LOG"
[ -z "$BROKEN" ] || { echo "index.ts(3,1): error TS2304: Cannot find name 'x'."; exit 2; }
mkdir -p dist && echo built >dist/index.js
"""
NPM = """#!/bin/sh
echo "npm $1 in ${PWD##*/}" >>"$LOG"
[ -z "$OFFLINE" ] || { echo "npm error network request to https://registry.npmjs.org failed" >&2; exit 1; }
rm -rf node_modules && mkdir node_modules && echo there >node_modules/packages
"""
BOTH = ["node build.mjs in js", "node build.mjs in console"]


class Workplace:
    """A folder of clients, with programs in the place of Node.js and npm that write down what they were told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._log, self._state = folder / "clients", folder / "log", folder / "state"
        self.results = tuple(self.folder / name / "dist" / "index.js" for name in clients.BUILDS)
        for name in ("package.json", "package-lock.json", "js/src/index.ts", "js/build.mjs", "console/src/app.ts"):
            self.write(name, name)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def build(self) -> list[str]:
        """Return what was run."""
        self._log.write_text("")
        done = clients.build(self.folder, state=self._state, results=self.results)
        told = self._log.read_text().splitlines()
        assert done == bool(told)
        return told


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"node": NODE, "npm": NPM}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return Workplace(tmp_path)


def test_it_builds_once_for_the_same_sources(workplace: Workplace) -> None:
    assert workplace.build() == ["npm ci in clients", *BOTH]
    assert workplace.build() == []
    workplace.write("js/node_modules/x/index.js", "generated")
    workplace.write("js/src/client/schema.d.ts", "generated")
    workplace.write("js/test/upload.test.mjs", "no source")
    assert workplace.build() == []


def test_what_is_shared_with_the_watch_page_counts_but_not_what_is_fetched_for_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = workplace.folder.parent / "watch" / "assets"
    monkeypatch.setattr(clients, "WATCH_ASSETS", assets)
    workplace.write("../watch/messages.json", "{}")
    workplace.write("../watch/assets/leases.js", "leases")
    workplace.build()
    workplace.write(f"../watch/assets/{clients.WATCH_LIBRARY}", "fetched")
    assert workplace.build() == []
    workplace.write("../watch/assets/leases.js", "changed")
    assert workplace.build() == BOTH


@pytest.mark.parametrize("change", ["js/src/index.ts", "js/src/new.ts", "console/src/app.ts", "tsconfig.base.json"])
def test_a_change_builds_again_without_npm(workplace: Workplace, change: str) -> None:
    workplace.build()
    workplace.write(change, "changed")
    assert workplace.build() == BOTH
    assert workplace.build() == []


def test_other_packages_are_installed(workplace: Workplace) -> None:
    workplace.build()
    workplace.write("package-lock.json", "changed")
    assert workplace.build() == ["npm ci in clients", *BOTH]
    shutil.rmtree(workplace.folder / "node_modules")
    workplace.write("js/src/index.ts", "changed")
    assert workplace.build() == ["npm ci in clients", *BOTH]


def test_what_was_removed_is_built_again(workplace: Workplace) -> None:
    workplace.build()
    workplace.results[1].unlink()
    assert workplace.build() == BOTH


def test_what_fails_says_why_and_is_tried_again(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFLINE", "1")
    with pytest.raises(CannotStartError, match=r"npm could not install .*\n.*registry.npmjs.org failed"):
        workplace.build()
    monkeypatch.delenv("OFFLINE")
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(CannotStartError, match=r"clients/js does not build:\n.*TS2304"):
        workplace.build()
    monkeypatch.delenv("BROKEN")
    assert workplace.build() == BOTH
    workplace.write("console/src/app.ts", "changed")
    monkeypatch.setenv("BROKEN", "1")
    for _ in range(2):
        with pytest.raises(CannotStartError):
            workplace.build()


def test_an_old_node_is_named(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_VERSION", "v18.20.0")
    with pytest.raises(CannotStartError, match=r"Node.js 20 or newer .*web console.*found v18"):
        workplace.build()


def test_a_start_goes_on_without_the_console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> bool:
        raise CannotStartError("npm is away")

    monkeypatch.setattr(clients, "build", fails)
    clients.build_if_possible()
    told = capsys.readouterr().out
    assert "npm is away" in told
    assert "./emulator.sh clients" in told
