"""The client for threads is made from the one for asyncio, and both have the same methods."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from reelgate_client import AsyncReelgate, Reelgate
from reelgate_client.runtime import aio, threads
from tests.fixtures.openapi_document import ROOT


@pytest.fixture
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sync", ROOT / "clients" / "python" / "make_sync.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_one_that_these_tests_use_is_current(maker: ModuleType) -> None:
    found = {path: path.read_text() for path in maker.MADE.rglob("*.py")}
    assert found == maker.made(), "run `python clients/python/make_sync.py`"


def test_it_is_made_again_where_its_source_has_changed(maker: ModuleType, tmp_path: Path) -> None:
    maker.PACKAGE, maker.SOURCE, maker.MADE = tmp_path, tmp_path / "aio", tmp_path / "sync"
    (tmp_path / "aio" / "transfers").mkdir(parents=True)
    (tmp_path / "aio" / "client.py").write_text("async def answer() -> bytes:\n    return await read()\n")
    (tmp_path / "aio" / "transfers" / "parts.py").write_text("PARTS = 1\n")
    maker.make()
    assert (tmp_path / "sync" / "client.py").read_text().endswith("\ndef answer() -> bytes:\n    return read()\n")
    untouched = (tmp_path / "sync" / "client.py").stat()

    (tmp_path / "aio" / "transfers" / "parts.py").write_text("PARTS = 2\n")
    (tmp_path / "sync" / "gone.py").touch()
    maker.make()
    assert (tmp_path / "sync" / "transfers" / "parts.py").read_text().endswith("PARTS = 2\n")
    assert (tmp_path / "sync" / "client.py").stat() == untouched
    assert sorted(path.name for path in (tmp_path / "sync").rglob("*.*")) == ["client.py", "parts.py"]


def test_nothing_of_asyncio_is_left(maker: ModuleType) -> None:
    text = "\n".join(maker.made().values())
    assert [word for word in ("async ", "await ", "asyncio", "Async", "Awaitable") if word in text] == []


def test_both_have_the_same_methods() -> None:
    def public(kind: type) -> dict[str, list[str]]:
        members = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(one).parameters) for name, one in members if not name.startswith("_")}

    renamed = public(AsyncReelgate)
    renamed["close"] = renamed.pop("aclose")
    assert renamed == public(Reelgate)


def test_both_run_jobs_a_few_at_once_and_stop_at_the_first_error() -> None:
    class Broken(Exception):
        pass

    begun: list[int] = []

    def job(number: int) -> None:
        begun.append(number)
        if number == 2:
            raise Broken

    def async_job(number: int):
        async def run() -> None:
            job(number)
            await asyncio.sleep(0)

        return run

    with pytest.raises(Broken):
        asyncio.run(aio.run_all([async_job(number) for number in range(50)], at_once=2))
    assert len(begun) < 10
    begun.clear()
    with pytest.raises(Broken):
        threads.run_all([lambda number=number: job(number) for number in range(50)], at_once=1)
    assert begun == [0, 1, 2]


def test_the_library_does_not_load_the_command_line() -> None:
    """Programs that use the library do not wait for it. (httpx loads rich for its own command where that is installed.)"""
    code = "import reelgate_client, sys; sys.exit(bool({'typer', 'reelgate_client.cli'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT / "clients" / "python", check=False).returncode == 0
