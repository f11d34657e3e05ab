"""API keys: `keys`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.commands.sharing import seconds_of
from reelgate_client.cli.context import Cli


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    keys = typer.Typer(help="API keys, for scripts and CI.", rich_markup_mode=None, no_args_is_help=True)
    command(keys, "list", examples="reelgate keys list")(list_keys)
    command(keys, "create", examples='reelgate keys create "nightly backup" --write --for 52w')(create)
    command(keys, "revoke", examples="reelgate keys revoke k1...")(revoke)
    app.add_typer(keys, name="keys")


async def list_keys(cli: Cli) -> None:
    """List your API keys, without their secrets."""
    async with cli.client() as client:
        found = (await client.me.api_keys.list()).items
    if cli.output.as_json:
        cli.output.document({"items": found})
        return
    rows = (
        (one.key_id, one.label, ", ".join(one.scopes), words.moment(one.last_used_at), words.moment(one.expires_at))
        for one in found
    )
    cli.output.table(("ID", "LABEL", "MAY", "LAST USED", "ENDS"), rows)


async def create(
    cli: Cli,
    label: Annotated[str, typer.Argument(help="What it is for.")],
    write: Annotated[bool, typer.Option("--write", help="It may also change things; otherwise it may only read.")] = False,
    lasting: Annotated[str | None, typer.Option("--for", metavar="52w", help="How long it works: 12h, 30d, 52w.")] = None,
) -> None:
    """Make an API key and print it. It is shown this once. Needs a sign-in with a password."""
    seconds = seconds_of(lasting)
    expires_at = None if seconds is None else (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
    async with cli.client() as client:
        made = await client.me.api_keys.create(label, ["read", "write"] if write else ["read"], expires_at=expires_at)
    cli.output.result(made, made.key)
    cli.output.note(f"Keep it: it is not shown again. To end it: reelgate keys revoke {made.key_id}")


async def revoke(cli: Cli, key: Annotated[str, typer.Argument(metavar="KEY", help="Its id.")]) -> None:
    """End an API key. It may work for a minute more."""
    async with cli.client() as client:
        await client.me.api_keys.revoke(key)
    cli.output.result({"key_id": key, "revoked": True}, "The key has ended.")
