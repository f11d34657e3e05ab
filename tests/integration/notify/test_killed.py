"""Processes killed while they tell an event: the sweep has it gone on with, and no mail goes twice."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from reelgate.domain.notifications.deliveries import SILENT_AFTER, delivery_id
from reelgate.use_cases.notifications.notify import notify
from reelgate.use_cases.upkeep.resume_deliveries import resume_deliveries
from reelgate.web.events.notify_push import event_of
from reelgate.web.events.push import Pushed
from tests.fixtures.firestore_process import wipe
from tests.fixtures.memory_services import MemoryServices
from tests.integration.notify.hanging_notify import CHANNELS, EVENT, services_over

ROOT = Path(__file__).parents[3]


async def kill_at(project: str, *where: str) -> None:
    """Run the process up to where it hangs, and kill it there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.notify.hanging_notify", project, *where),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"hanging\n"
    process.kill()
    await process.wait()


async def sweep_and_push(services: MemoryServices) -> int:
    """Let the sweep run, and Pub/Sub push what it published; return how much that was."""
    await resume_deliveries(services, until=services.now() + timedelta(minutes=8))
    told = list(services.events.log)
    services.events.log.clear()
    for message, at in told:
        pushed = Pushed(
            event_id=message.event_id, type=message.type, uid=message.uid, data=message.content(at), attempt=1
        )  # fmt: skip
        await notify(services, event_of(pushed, services))
    return len(told)


@pytest.mark.emulator
@pytest.mark.parametrize("by_hand", [(), ("by-hand",)], ids=["by itself", "by hand"])
@pytest.mark.parametrize(("place", "end"), [("webhook", "delivered"), ("before-text", "delivered"), ("at-text", "uncertain")])
async def test_the_sweep_goes_on_with_what_a_killed_process_was_sending(
    firestore_host: str, monkeypatch: pytest.MonkeyPatch, place: str, end: str, by_hand: tuple[str, ...]
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
    project = f"demo-{uuid.uuid4().hex[:12]}"
    await kill_at(project, place, *by_hand)
    services = services_over(project, CHANNELS[place])

    async def state() -> str:
        standing = await services.deliveries.get(delivery_id(EVENT, CHANNELS[place]))
        assert standing is not None
        return standing.state

    assert await sweep_and_push(services) == 0  # for all that anybody knows, it is being sent
    assert await state() == "sending"
    services.clock.now += SILENT_AFTER["sending"] + timedelta(seconds=1)
    for _ in range(3):
        await sweep_and_push(services)
        services.clock.now += timedelta(minutes=10)
    assert await state() == end
    sent = len(services.mailer.sent) if services.mailer else len(services.webhooks.posted)
    assert sent == (end == "delivered")
    wipe(firestore_host, project)
