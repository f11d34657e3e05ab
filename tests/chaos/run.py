"""One run: start everything, let users work while things break, let it settle, and check."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from localcloud.supervisor.services.topics import PUSH_SUBSCRIPTIONS
from tests.chaos.checks.checker import Verdict, check
from tests.chaos.checks.evidence import collect, query
from tests.chaos.cloud.chaos_cloud import ChaosCloud, chaos_cloud
from tests.chaos.cloud.courier import Courier
from tests.chaos.cloud.postbox import Postbox
from tests.chaos.faults.disturber import Disturber
from tests.chaos.journal import Journal
from tests.chaos.people.crowd import Crowd

CLIENT_SECONDS = 30
CHECKER_SECONDS = 600
START_SECONDS = 90
"""How long it takes to start everything and to sign up, on a busy machine."""
SETTLE_ROUNDS = 12
SETTLE_PAUSE = 0.5
MESSAGE_SECONDS = 30
"""How long messages may take to be acknowledged in one round; a conversion is the longest."""

STAGES = (("at rest", 0.0), ("after ten days", 10 * 86_400.0), ("after the trash", 40 * 86_400.0))
"""When the checker looks: as soon as everything is settled, when all uploads have expired, and when the trash was purged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How long, and how hard."""

    seed: int
    operations: int
    seconds: float
    users: int = 12
    devices: int = 2
    disturb_every: float = 1.5
    settings: Mapping[str, str] = field(default_factory=dict)
    keep_logs: Path | None = None


@dataclass
class Result:
    """What a run has done and found."""

    options: Options
    journal: Journal = field(default_factory=Journal)
    seconds: dict[str, float] = field(default_factory=dict)
    disturbances: Mapping[str, int] = field(default_factory=dict)
    wires: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    done: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return not self.journal.surprise_count and all(verdict.is_good for verdict in self.verdicts)


async def run(options: Options) -> Result:
    """Run everything once. SIGTERM cancels it, so that whatever was started is stopped."""
    if (task := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    result = Result(options)
    began = time.monotonic()
    midnight_in = START_SECONDS + min(options.seconds, options.operations / 60) / 2
    async with (
        chaos_cloud(options.seed, midnight_in=midnight_in, settings=options.settings) as cloud,
        _http(CLIENT_SECONDS) as impatient,
        _http(CHECKER_SECONDS) as patient,
    ):
        result.seconds["start"] = time.monotonic() - began
        postbox = Postbox(cloud.url("mail"), patient)
        addresses = {one.function: cloud.url(one.function) for one in PUSH_SUBSCRIPTIONS}
        chance = random.Random(f"{options.seed} courier")
        courier = Courier(cloud.env["PUBSUB_EMULATOR_HOST"], addresses, patient, chance)
        try:
            await courier.start()
            await _work(result, cloud, impatient, postbox, courier)
            for number, (stage, ahead) in enumerate(STAGES):
                began = time.monotonic()
                cloud.clock.advance(ahead)
                unrest = await _settle(stage, cloud, patient, courier)
                evidence = await collect(cloud, patient, postbox)
                result.verdicts.append(check(stage, evidence, result.journal, cloud, unrest, number=number))
                result.seconds[stage] = time.monotonic() - began
        finally:
            await courier.stop()
            if options.keep_logs:
                _copy_logs(cloud, options.keep_logs)
    return result


async def _work(result: Result, cloud: ChaosCloud, http: aiohttp.ClientSession, postbox: Postbox, courier: Courier) -> None:
    """Let the users work while things break, then repair everything."""
    options = result.options
    crowd = Crowd(
        http,
        cloud.env["REELGATE_URL"],
        int(cloud.env["FIREBASE_AUTH_EMULATOR_HOST"].rpartition(":")[2]),
        result.journal,
        options.seed,
        options.users,
        options.devices,
        options.operations,
        options.seconds,
    )
    disturber = Disturber(cloud, http, options.seed, every=options.disturb_every)
    beside = [asyncio.create_task(disturber.run()), asyncio.create_task(postbox.run())]
    try:
        await crowd.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
    result.seconds["work"], result.done = time.monotonic() - crowd.began, crowd.done
    _tell(f"the work is over: {result.done} operations in {result.seconds['work']:.0f} s")
    await disturber.end()
    courier.is_disturbed = False
    result.disturbances = {**disturber.counts, **courier.counts}
    result.wires = {name: dict(wire.fates.counts) for name, wire in cloud.wires.items()}


def _copy_logs(cloud: ChaosCloud, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for log in cloud.logs.rglob("*.log"):
        shutil.copy(log, folder / log.name)


def _http(seconds: float) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=seconds)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1)
    return aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar())


def _tell(text: str) -> None:
    """Say how far the run is; the report alone goes to standard output."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


async def _settle(stage: str, cloud: ChaosCloud, http: aiohttp.ClientSession, courier: Courier) -> list[str]:
    """Let events, sweeps and messages come to their end. Returns what does not.

    Deliveries whose sender died are taken up after minutes, lost messages after half an hour: the clocks jump there.
    """
    unrest = ["the events"]
    for step in range(SETTLE_ROUNDS):
        async with http.post(f"{cloud.url('eventarc')}/_emulator/flush?wait=25") as flushed:
            quiet = flushed.status == 200
        async with http.post(f"{cloud.url('reset_daily')}/", json={"tasks": ["close_day", "sweep"]}) as swept:
            unrest = [] if swept.status == 200 else [f"the sweep is not finished: {await swept.text()}"]
        unrest += [] if quiet else ["events of the bucket are not delivered"]
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                await courier.rest()
        except TimeoutError:
            unrest += ["messages are not acknowledged"]
        unrest += await _under_way(cloud, http)
        _tell(f"{stage}, round {step + 1}: {'; '.join(unrest) or 'quiet'}")
        if not unrest and step >= 2:
            return []
        await asyncio.sleep(SETTLE_PAUSE)
        cloud.clock.advance(300)
    return unrest


async def _under_way(cloud: ChaosCloud, http: aiohttp.ClientSession) -> list[str]:
    """Return what messages on their way still have to do."""
    deliveries = await query(cloud, http, "deliveries")
    pending = sum(one.fields["state"] in {"pending", "sending"} for one in deliveries)
    records = [one for one in await query(cloud, http, "media") if "audio" in one.fields]
    kept = {one.id for group in ("videos", "trash") for one in await query(cloud, http, group)}
    converting = sum(one.id not in kept or one.fields["audio"]["state"] in {"queued", "running"} for one in records)
    return [
        *([f"{pending} deliveries are not settled"] if pending else []),
        *([f"{converting} conversions are not settled"] if converting else []),
    ]
