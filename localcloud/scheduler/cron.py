"""Schedules in unix-cron format, as Cloud Scheduler takes them (crontab(5); "Cron job format and time zone")."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MINUTE = timedelta(minutes=1)
# 29 February on a given weekday comes back after 40 years at the latest (where a century skips its leap year).
_HORIZON = timedelta(days=366 * 41)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTH_NAMES),
    _Field("day of week", 0, 7, _WEEKDAY_NAMES),  # 0 and 7 are Sunday
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The moments at which the wall clock of a time zone fits five cron fields."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day_fits: bool

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """Return the schedule in `text`. Raises ValueError naming the field that is wrong."""
        parts = text.split()
        if len(parts) != len(_FIELDS):
            raise ValueError(f"{text!r} is not in unix-cron format: five fields are expected, found {len(parts)}")
        minutes, hours, days, months, weekdays = (_parse(part, field) for part, field in zip(parts, _FIELDS, strict=True))
        return cls(
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            weekdays=frozenset(number % 7 for number in weekdays),
            # crontab(5): when both fields are restricted (do not start with *), a day needs to fit only one of them.
            either_day_fits=not parts[2].startswith("*") and not parts[4].startswith("*"),
        )

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the first moment after `moment` that fits, in UTC; None if there is none, as for 30 February.

        A time that the wall clock skips in spring does not come; one that it shows twice in autumn comes twice.
        """
        candidate = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        end = candidate + _HORIZON
        while candidate < end:
            local = candidate.astimezone(zone)
            if not self._day_fits(local):
                candidate = _jump(candidate, timedelta(hours=24 - local.hour, minutes=-local.minute), zone)
            elif local.hour not in self.hours:
                candidate = _jump(candidate, timedelta(minutes=60 - local.minute), zone)
            elif local.minute not in self.minutes:
                candidate += _MINUTE
            else:
                return candidate
        return None

    def _day_fits(self, local: datetime) -> bool:
        if local.month not in self.months:
            return False
        fits = (local.day in self.days, local.isoweekday() % 7 in self.weekdays)
        return any(fits) if self.either_day_fits else all(fits)


def _jump(moment: datetime, span: timedelta, zone: ZoneInfo) -> datetime:
    """Return `moment + span`, or only the next minute if the zone changes its offset on the way there."""
    target = moment + span
    if target.astimezone(zone).utcoffset() == moment.astimezone(zone).utcoffset():
        return target
    return moment + _MINUTE


def _parse(text: str, field: _Field) -> frozenset[int]:
    """Return the numbers that a field stands for: `*`, numbers, names, ranges, steps, and lists of them."""
    numbers: set[int] = set()
    for part in text.split(","):
        span, has_step, step_text = part.partition("/")
        first, last = _span(span, field, text)
        if has_step and "-" not in span and span != "*":
            raise ValueError(f"{field.name} {text!r}: a step follows * or a range")
        step = _number(step_text, field, text) if has_step else 1
        if step < 1:
            raise ValueError(f"{field.name} {text!r}: a step is 1 or more")
        numbers.update(range(first, last + 1, step))
    return frozenset(numbers)


def _span(span: str, field: _Field, text: str) -> tuple[int, int]:
    if span == "*":
        return field.lowest, field.highest if field.name != "day of week" else 6
    ends = [_number(end, field, text) for end in span.split("-")]
    if len(ends) > 2 or any(earlier > later for earlier, later in pairwise(ends)):
        raise ValueError(f"{field.name} {text!r}: {span!r} is not a range")
    if not all(field.lowest <= end <= field.highest for end in ends):
        raise ValueError(f"{field.name} {text!r}: numbers are from {field.lowest} to {field.highest}")
    return ends[0], ends[-1]


def _number(text: str, field: _Field, whole: str) -> int:
    if text.lower() in field.names:
        return field.lowest + field.names.index(text.lower())
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{field.name} {whole!r}: {text!r} is not a number")
    return int(text)
