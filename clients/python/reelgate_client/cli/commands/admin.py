"""What admins see: `admin users|usage|audit|deliveries`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer

from reelgate_client.aio.api import pages
from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.commands.sharing import seconds_of
from reelgate_client.cli.commands.usage import month_of
from reelgate_client.cli.context import Cli

T = TypeVar("T")
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    admin = typer.Typer(
        help="For admins: users, invoices, the audit log, mails and webhooks.", rich_markup_mode=None, no_args_is_help=True
    )
    command(admin, "users", examples="reelgate admin users\nreelgate admin users ada@example.org")(users)
    command(admin, "usage", examples="reelgate admin usage --month last --csv > invoice.csv")(usage)
    command(admin, "audit", examples="reelgate admin audit --user ada@example.org --since 7d")(audit)
    command(admin, "deliveries", examples="reelgate admin deliveries --state failed")(deliveries)
    app.add_typer(admin, name="admin")


async def users(
    cli: Cli,
    user: Annotated[str | None, typer.Argument(help="An address or an id; by default all users.")] = None,
    limit: Limit = 1000,
) -> None:
    """List users with their limits and what they use, or show one."""
    async with cli.client() as client:
        if user is None or "@" in user:
            listed = pages(lambda cursor: client.admin.users.list(email=user, limit=min(limit, 200), cursor=cursor))
            found = await _first(listed, limit)
        else:
            found = [await client.admin.users.get(user)]
    if cli.output.as_json:
        cli.output.document({"items": found})
        return
    rows = (
        (
            one.user_id,
            one.email or "",
            f"{one.role or '-'}{', disabled' if one.disabled else ''}",
            f"{words.size(one.storage_used)} of {words.size(one.limits.storage)}",
            f"{words.size(one.bandwidth_used)} of {words.size(one.limits.bandwidth)}",
        )
        for one in found
    )
    cli.output.table(("ID", "ADDRESS", "ROLE", "STORAGE", "TODAY"), rows, right=(3, 4))


async def usage(
    cli: Cli,
    month: Annotated[str, typer.Option(metavar="2026-11", help="The month: 2026-11, this or last.")] = "this",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with all columns of an invoice.")] = False,
) -> None:
    """Show what all users used in a month."""
    first, last = month_of(month)
    last = max(first, min(last, datetime.now(UTC).date()))
    async with cli.client() as client:
        if csv:
            cli.output.line((await client.admin.usage_csv(from_=first, to=last, group="month")).rstrip("\r\n"))
            return
        found = [
            one
            async for one in pages(
                lambda cursor: client.admin.usage(from_=first, to=last, group="month", limit=200, cursor=cursor)
            )
        ]
    if cli.output.as_json:
        cli.output.document({"items": found})
        return
    rows = (
        (
            one.user_id,
            one.email or "",
            words.size(one.total.stored),
            words.size(one.total.uploaded),
            words.size(one.total.streamed),
        )
        for one in found
    )
    cli.output.table(("ID", "ADDRESS", "STORED", "UPLOADED", "STREAMED"), rows, right=(2, 3, 4))


async def audit(
    cli: Cli,
    user: Annotated[str | None, typer.Option(help="Of a user, by address or id.")] = None,
    video: Annotated[str | None, typer.Option(help="About a video, by id.")] = None,
    request: Annotated[str | None, typer.Option(help="Of a request, by its id.")] = None,
    action: Annotated[str | None, typer.Option(help="An action, for example upload.granted.")] = None,
    denied: Annotated[bool, typer.Option("--denied", help="Only what was denied.")] = False,
    since: Annotated[str | None, typer.Option(metavar="7d", help="Only of the last 12h, 7d, 2w.")] = None,
    limit: Limit = 100,
) -> None:
    """List who did what, newest first; with --json one line for each action."""
    seconds = seconds_of(since)
    from_ = None if seconds is None else (datetime.now(UTC) - timedelta(seconds=seconds)).replace(microsecond=0)
    is_address = user is not None and "@" in user
    async with cli.client() as client:
        listed = pages(
            lambda cursor: client.admin.audit(
                email=user if is_address else None,
                user_id=None if is_address else user,
                video_id=video,
                request_id=request,
                action=action,
                outcome="denied" if denied else None,
                from_=from_,
                limit=min(limit, 200),
                cursor=cursor,
            )
        )
        found = await _first(listed, limit)
    if cli.output.as_json:
        for one in found:
            cli.output.document(one)
        return
    rows = ((words.moment(one.at), one.user_id or "", one.outcome, one.action, one.description) for one in found)
    cli.output.table(("WHEN", "USER", "OUTCOME", "ACTION", "WHAT"), rows)


async def deliveries(
    cli: Cli,
    state: Annotated[str | None, typer.Option(help="Only those in a state: delivered, failed, pending, uncertain, ...")] = None,
    user: Annotated[str | None, typer.Option(help="About a user, by id.")] = None,
    redeliver: Annotated[str | None, typer.Option(metavar="DELIVERY", help="Send one again, by its id.")] = None,
    limit: Limit = 100,
) -> None:
    """List mails and webhooks with what became of them, newest first, or send one again."""
    async with cli.client() as client:
        if redeliver is not None:
            sent = await client.admin.deliveries.redeliver(redeliver)
            cli.output.result(sent, f"{sent.delivery_id} is {sent.state}.")
            return
        listed = pages(
            lambda cursor: client.admin.deliveries.list(state=state, user_id=user, limit=min(limit, 200), cursor=cursor)
        )
        found = await _first(listed, limit)
    if cli.output.as_json:
        cli.output.document({"items": found})
        return
    rows = (
        (one.delivery_id, words.moment(one.occurred_at), one.type, one.channel, one.state, str(one.attempts), one.error or "")
        for one in found
    )
    cli.output.table(("ID", "WHEN", "WHAT", "CHANNEL", "STATE", "TRIES", "ERROR"), rows, right=(5,))


async def _first(items: AsyncIterator[T], limit: int) -> list[T]:
    found: list[T] = []
    async for item in items:
        found.append(item)
        if len(found) >= limit:
            break
    return found
