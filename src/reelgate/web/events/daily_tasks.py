"""The scheduler's requests: close days, sweep, empty the outbox, resume deliveries, write exports, settle egress."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.errors import InvalidRequest, ReelgateError, Unavailable
from reelgate.ports.media import HasDerivedObjects
from reelgate.ports.notifications import HasDeliveries
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.ports.usage import HasEgressRecords, HasEgressRules, HasUsageExports
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.personal_data.erase_user import Services as EraseServices
from reelgate.use_cases.personal_data.erase_user import resume_erasures
from reelgate.use_cases.upkeep.close_day import close_days
from reelgate.use_cases.upkeep.measure_outbox import outbox_age_seconds
from reelgate.use_cases.upkeep.resume_deliveries import resume_deliveries
from reelgate.use_cases.upkeep.settle_charges import settle_charges
from reelgate.use_cases.upkeep.sweep import empty_outbox, purge_trash, sweep_uploads
from reelgate.use_cases.upkeep.sweep_parts import sweep_parts
from reelgate.use_cases.upkeep.work_in_pages import Tally
from reelgate.use_cases.upkeep.write_exports import write_exports
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.bodies import json_object
from reelgate.web.http.function import MethodUnknown, guarded


class Services(
    CommitServices,
    EraseServices,
    HasDeliveries,
    HasDerivedObjects,
    HasEgressRecords,
    HasEgressRules,
    HasFunctionName,
    HasIds,
    HasUsageExports,
    Protocol,
):
    """What the scheduled tasks need."""


class Task(Protocol):
    """A task that the scheduler starts."""

    async def __call__(self, services: Services, *, until: datetime) -> Tally: ...


async def _erase_users(services: Services, *, until: datetime) -> Tally:
    """Continue erasures for at most a quarter of the time: one large account must not hold up everybody's sweep."""
    now = services.now()
    return await resume_erasures(services, until=now + (until - now) / 4)


TASKS: dict[str, dict[str, Task]] = {
    "close_day": {"close_days": close_days},
    "sweep": {
        "erase_users": _erase_users,  # before the others, which cannot settle anything of users who are being deleted
        "sweep_uploads": sweep_uploads,
        "sweep_parts": sweep_parts,
        "purge_trash": purge_trash,
        "empty_outbox": empty_outbox,
        "take_up_deliveries": resume_deliveries,
        "write_exports": write_exports,
        "settle_charges": settle_charges,
    },
}
"""The tasks of each name that a job may send, with the names that the answer gives them."""
WORK_TIME = timedelta(minutes=8)
"""How long a run starts new pages; shorter than the function's timeout. The scheduler's retry continues with the rest."""

_log = logging.getLogger(__name__)


async def answer_schedule(request: Request, services: Services) -> Response:
    """Run the tasks that the job's body names, all by default.

    200 when everything is done; 503 when something is left, after which the scheduler calls again.
    """

    async def run(_: str) -> Response:
        if request.method != "POST":
            raise MethodUnknown("POST")
        names = (await json_object(request, may_be_empty=True)).get("tasks", list(TASKS))
        if not isinstance(names, list) or not names or not all(isinstance(name, str) and name in TASKS for name in names):
            raise InvalidRequest(f"'tasks' must be a list of {', '.join(TASKS)}.", field="tasks")
        until = services.now() + WORK_TIME
        chosen = {name: task for group in TASKS if group in names for name, task in TASKS[group].items()}
        tallies = {name: await _tally(name, task, services, until) for name, task in chosen.items()}
        _log.info("tasks: %s", tallies)
        await _log_outbox_age(services)
        finished = all(tally.finished for tally in tallies.values())
        body = {name: {"done": t.done, "failed": t.failed, "finished": t.finished} for name, t in tallies.items()}
        return as_json(body, 200 if finished else 503, {} if finished else {"Retry-After": "30"})

    return await guarded(request, run)


async def _log_outbox_age(services: Services) -> None:
    """Log the age of the oldest outbox item. One alert watches the value, another one the absence of the line."""
    try:
        age = await outbox_age_seconds(services)
    except ReelgateError as error:  # must not change the answer: the tasks are done
        _log.warning("the age of the outbox is not known: %s", error)
        return
    _log.info("outbox: the oldest item is %d seconds old", age, extra={"json_fields": {"outbox_seconds": age}})


async def _tally(name: str, task: Task, services: Services, until: datetime) -> Tally:
    """Run one task. If it breaks, the tasks after it still run."""
    try:
        return await task(services, until=until)
    except Unavailable:  # the next run makes up for it
        _log.warning("task %s: a service could not be reached", name, exc_info=True)
        return Tally(done=0, failed=1, finished=False)
    except Exception:
        _log.exception("task %s failed", name)
        return Tally(done=0, failed=1, finished=False)
