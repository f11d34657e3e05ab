"""Everything that runs: the local cloud's services, instances of all functions, and the wires between them."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from localcloud.supervisor.commands.cli_commands import environment_of
from localcloud.supervisor.commands.start_stop import run_in_background, stop
from localcloud.supervisor.ports import FUNCTIONS, OFFSETS, find_free_base, is_free, port_of
from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.state.folder import ROOT, StateFolder
from tests.chaos.cloud import clock
from tests.chaos.cloud.instances import Instance, any_of
from tests.chaos.cloud.wire import Fates, Shares, Wire, to_port

COUNTS = {"upload": 2, "library": 2, "finalize": 2, "usage": 2, "stream_url": 2, "notify": 2}
"""Instances of a function; one of the others."""

SERVICES = tuple(name for name in OFFSETS if name not in FUNCTIONS)
BEHIND_WIRES = ("firestore", "storage", "pubsub")
"""Services that the functions reach over a wire. Clients reach the bucket over it, too."""

SETTINGS = {
    "REELGATE_STORAGE_LIMIT_BYTES": "400000",
    "REELGATE_DAILY_LIMIT_BYTES": "3000000",
    "REELGATE_TRASH_LIMIT_PERCENT": "150",
    "REELGATE_MAX_FILE_BYTES": "300000",
    "REELGATE_FORM_UPLOAD_MAX_BYTES": "100000",
    "REELGATE_UPLOAD_EXPIRY_SECONDS": "60",
    "REELGATE_STREAM_URL_SECONDS": "60",
    "REELGATE_MAX_OPEN_UPLOADS": "30",
    "REELGATE_REJECTED_UPLOADS_PER_DAY": "40",
    "REELGATE_MAILS_PER_DAY": "12",
    "REELGATE_URL_REQUESTS_PER_MINUTE": "60",
    "REELGATE_CONVERT_ATTEMPTS": "2",
    "REELGATE_CONVERT_DEADLINE_SECONDS": "60",
    "REELGATE_CONVERT_DAY_SECONDS": "600",
    "REELGATE_CONVERT_RUNS_PER_USER": "2",
    "REELGATE_AUDIO_MAX_PERCENT": "200",
    "REELGATE_AUDIO_FLOOR_BYTES": "100000",
    "REELGATE_POSTER_MAX_BYTES": "16384",
    "REELGATE_DERIVED_LIMIT_PERCENT": "50",
    "REELGATE_PLAYBACK_LEASE_SECONDS": "5",
    "REELGATE_LOGIN_MAX_FAILURES_PER_ACCOUNT": "10000",
    "REELGATE_DAY_TIME_ZONE": clock.ZONE,
}
"""Small limits, so that they are reached; the checker reads them from here as an operator would from the deployment."""

SHARES = {
    "front": Shares(lose_request=0.003, lose_answer=0.006, refuse=0.003),
    "firestore": Shares(lose_request=0.003, lose_answer=0.006, refuse=0.003),
    "storage": Shares(lose_request=0.005, lose_answer=0.01, refuse=0.005),
    "pubsub": Shares(lose_request=0.005, lose_answer=0.01, refuse=0.005),
}


@dataclass
class ChaosCloud:
    """A running cloud. `env` is what clients need to reach it, past all wires but the front."""

    env: Mapping[str, str]
    settings: Mapping[str, str]
    instances: list[Instance]
    wires: dict[str, Wire]
    clock: clock.SharedClock
    logs: Path

    def url(self, service: str) -> str:
        """Return the address of a function or a service."""
        return self.env[f"REELGATE_{service.upper()}_URL"]

    def faults(self, *, on: bool) -> None:
        """Let the wires lose and refuse requests, or not."""
        for wire in self.wires.values():
            wire.fates.on = on


@asynccontextmanager
async def chaos_cloud(seed: int, *, midnight_in: float, settings: Mapping[str, str]) -> AsyncIterator[ChaosCloud]:
    """Run a cloud of its own, which leaves nothing behind.

    Args:
        midnight_in: in how many seconds a day of the deployment ends.
        settings: REELGATE_* settings that differ from `SETTINGS`.
    """
    chosen = {**SETTINGS, **settings}
    with tempfile.TemporaryDirectory(prefix="reelgate-chaos-") as name:
        folder = Path(name)
        clock.write_zone(folder / "zones", midnight_in=midnight_in)
        os.environ.update(chosen)
        os.environ["REELGATE_DAY_TIME_ZONE"] = "UTC"  # what the supervisor checks; instances find the zone
        state = StateFolder(find_free_base(), folder / "cloud")
        try:
            await asyncio.to_thread(run_in_background, state, SERVICES, temporary=True)
            shared = clock.SharedClock(folder / "clock")
            wires = await _wires(state.base_port, random.Random(f"{seed} wires"))
            made = _instances(state, folder, chosen, wires, random.Random(f"{seed} skews"))
            try:
                await asyncio.gather(*(instance.start() for instance in made))
                for function in FUNCTIONS:
                    behind = [instance for instance in made if instance.function == function]
                    chance = random.Random(f"{seed} {function}")
                    fates = Fates(chance, SHARES["front"])
                    wires[function] = Wire(port_of(function, state.base_port), fates, any_of(behind, chance))
                    await wires[function].start()
                yield ChaosCloud(environment_of(state), chosen, made, wires, shared, folder)
            finally:
                await asyncio.gather(*(instance.kill() for instance in made))
                for wire in wires.values():
                    await wire.stop()
        finally:
            await asyncio.to_thread(stop, state)


async def _wires(base: int, chance: random.Random) -> dict[str, Wire]:
    wires = {}
    for service in BEHIND_WIRES:
        fates = Fates(random.Random(chance.random()), SHARES[service])
        wires[service] = Wire(0, fates, to_port(port_of(service, base)))
        await wires[service].start()
    return wires


def _instances(
    state: StateFolder, folder: Path, settings: Mapping[str, str], wires: Mapping[str, Wire], chance: random.Random
) -> list[Instance]:
    factory = ServiceFactory(state, os.environ)
    free = (port for port in range(state.base_port + 100, 65_000) if is_free(port))
    made = []
    for function in FUNCTIONS:
        service = factory.make((function,))[0]
        for number in range(COUNTS.get(function, 1)):
            port, home = next(free), folder / f"{function}-{number}"
            home.mkdir()
            command = [str(port) if word == str(service.port) else word for word in service.command]
            command[command.index("--source") + 1] = str(ROOT / "tests" / "chaos" / "cloud" / "function.py")
            env = {
                **service.env,
                **settings,
                "HOME": str(home),
                "XDG_RUNTIME_DIR": str(home),
                "PYTHONTZPATH": str(folder / "zones"),
                "FUNCTION_TARGET": function,
                "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{wires['storage'].port}",
                "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{wires['firestore'].port}",
                "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{wires['pubsub'].port}",
                clock.FILE: str(folder / "clock"),
                clock.SKEW: f"{chance.uniform(-1.5, 1.5) if number else 0:.2f}",
            }
            made.append(Instance(function, number, port, command, env, folder / f"{function}-{number}.log"))
    return made
