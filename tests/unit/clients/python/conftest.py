"""Both clients, under one set of tests: what is true of one is true of the other."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reelgate_client import AsyncReelgate, Reelgate, RetryPolicy
from tests.doubles.fake_reelgate import API, FakeReelgate


class Either:
    """A client of either kind. `run` gives what a call returns, whether that has to be awaited or not."""

    def __init__(
        self, kind: type[AsyncReelgate] | type[Reelgate], fake: FakeReelgate, waits: list[float], **options: Any
    ) -> None:
        self.is_async = kind is AsyncReelgate
        self._runner = asyncio.Runner()
        # What a wait would last is noted, not waited for.
        options = {"retries": RetryPolicy(retries=3), **options}
        if self.is_async:

            async def sleep(seconds: float) -> None:
                waits.append(seconds)

            self.client: Any = AsyncReelgate(API, transport=fake.transport, sleep=sleep, **options)
        else:
            self.client = Reelgate(API, transport=fake.transport, sleep=waits.append, **options)

    def run(self, result: Any) -> Any:
        """Return the result of a call."""
        if not inspect.isawaitable(result):
            return result

        async def waited() -> Any:
            return await result

        return self._runner.run(waited())

    def run_together(self, *calls: Any, refused: type[Exception] | tuple[()] = ()) -> list[Any]:
        """Make several calls at once and return their results; for one that is refused so, the exception."""
        if self.is_async:

            async def all_of_them() -> list[Any]:
                return list(await asyncio.gather(*(call() for call in calls), return_exceptions=True))

            results = self._runner.run(all_of_them())
        else:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

            with ThreadPoolExecutor(len(calls)) as pool:
                made = [pool.submit(call) for call in calls]
                results = [one.exception() or one.result() for one in made]
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, refused):
                raise result
        return results

    def close(self) -> None:
        """Close connections and loop."""
        self.run(self.client.aclose() if self.is_async else self.client.close())
        self._runner.close()


@pytest.fixture
def fake() -> FakeReelgate:
    return FakeReelgate()


@pytest.fixture
def waits() -> list[float]:
    """Seconds that a client has waited."""
    return []


@pytest.fixture(params=[AsyncReelgate, Reelgate], ids=["async", "sync"])
def make(request: pytest.FixtureRequest, fake: FakeReelgate, waits: list[float]) -> Iterator[Any]:
    """Make clients of one kind; they are closed at the end."""
    made: list[Either] = []

    def new(**options: Any) -> Either:
        made.append(Either(request.param, fake, waits, **({"token": "token-0"} | options)))
        return made[-1]

    yield new
    for one in made:
        one.close()


@pytest.fixture
def either(make: Any) -> Either:
    return make()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file of several chunks, with a last one of its own size."""
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(251)) * 5000)
    return path
