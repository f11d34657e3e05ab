"""What is used and left: `usage`."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Annotated

import typer

from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.context import Cli


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "usage", examples="reelgate usage\nreelgate usage --month 2026-10 --json")(usage)


def month_of(text: str) -> tuple[date, date]:
    """Return the first and last day of a month, `2026-11`; `this` and `last` work as well."""
    today = date.today()
    if text == "last":
        text = (today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    elif text == "this":
        text = today.strftime("%Y-%m")
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a month: say for example 2026-11, this or last.") from None
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


async def usage(
    cli: Cli,
    month: Annotated[str | None, typer.Option(metavar="2026-11", help="A month day by day: 2026-11, this or last.")] = None,
) -> None:
    """Show what is used and left, or what a month is billed with."""
    if month is not None:
        await _month(cli, *month_of(month))
        return
    async with cli.client() as client:
        now = await client.usage.now()
    if cli.output.as_json:
        cli.output.document(now)
        return
    storage, bandwidth = now.storage, now.bandwidth
    for name, used, limit, more in (
        ("storage", storage.used + storage.reserved, storage.limit, f"{words.size(storage.available)} left"),
        (
            "today",
            bandwidth.used + bandwidth.reserved,
            bandwidth.limit,
            f"{words.size(bandwidth.available)} left until {words.moment(bandwidth.resets_at)}",
        ),
        ("trash", storage.trash or 0, storage.trash_limit, ""),
    ):
        share = f"{100 * used / limit:.0f} %" if limit else "-"
        cli.output.line(f"{name:<8} {words.size(used):>9} of {words.size(limit):>9} {share:>6}  {more}".rstrip())


async def _month(cli: Cli, first: date, last: date) -> None:
    async with cli.client() as client:
        days = await client.usage.days(from_=first, to=min(last, max(first, date.today())))
    if cli.output.as_json:
        cli.output.document(days)
        return
    rows = [
        (str(one.date), words.size(one.usage.stored), words.size(one.usage.uploaded), words.size(one.usage.streamed))
        for one in days.items
    ]
    total = days.total
    rows.append(("total", "", words.size(total.uploaded), words.size(total.streamed)))
    cli.output.table(("DAY", "STORED", "UPLOADED", "STREAMED"), rows, right=(1, 2, 3))
