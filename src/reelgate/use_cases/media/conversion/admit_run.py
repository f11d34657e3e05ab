"""Decide whether a user's next conversion may start now: what one user may take of the converters is bounded."""

from __future__ import annotations

from typing import Literal, Protocol

from reelgate.ports.books import HasPolicy
from reelgate.ports.media import HasConversion, HasDerivedMedia
from reelgate.ports.runtime import HasClock


class Services(HasClock, HasConversion, HasDerivedMedia, HasPolicy, Protocol):
    """What admitting a run needs."""


Admission = Literal["now", "later", "tomorrow"]
"""`later`: as many runs of the user as there may be are under way. `tomorrow`: the day's time is used up."""


async def admit_run(services: Services, uid: str) -> Admission:
    """Return when a run of a user may start. Usually this is one read. Raises Unavailable.

    A run is charged for all of its time when it starts. So the runs under way need to be counted only if the time of as many as
    may run at once is charged today. Runs that start at the same moment do not see each other: there are at most as many of
    them as instances.
    """
    rules, now = services.conversion, services.now()
    seconds = await services.derived_media.seconds_of_day(uid, services.policy.day_of(now))
    used_up = seconds + rules.deadline_seconds > rules.day_seconds
    if not used_up and seconds < rules.runs_at_once * rules.deadline_seconds:
        return "now"
    running = await services.derived_media.running(uid, now)
    if running >= rules.runs_at_once or (used_up and running):  # which will give back some of the time it is charged for
        return "later"
    return "tomorrow" if used_up else "now"
