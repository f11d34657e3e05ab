"""Links by which people without an account watch: `share`, `links`, `revoke`."""

from __future__ import annotations

import re
import uuid
from typing import Annotated

import typer

from reelgate_client.aio.api import pages
from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.commands.library import Name
from reelgate_client.cli.context import Cli
from reelgate_client.models import PlaybackGrant

UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "share", examples="reelgate share holiday.mp4 --for 7d --label Bob --max-plays 20")(share)
    command(app, "links", examples="reelgate links holiday.mp4")(links)
    command(app, "revoke", examples="reelgate revoke 3f0c...\nreelgate revoke --all holiday.mp4")(revoke)


def seconds_of(text: str | None) -> int | None:
    """Return a duration such as `90m`, `12h`, `7d` or `2w` in seconds."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"'{text}' is not a duration: say for example 90m, 12h, 7d or 2w.")
    return int(found[1]) * UNITS[found[2]]


async def share(
    cli: Cli,
    video: Name,
    lasting: Annotated[str | None, typer.Option("--for", metavar="7d", help="How long it works: 90m, 12h, 7d, 2w.")] = None,
    label: Annotated[str | None, typer.Option(help="For whom it is; only you see that.")] = None,
    max_plays: Annotated[int | None, typer.Option(min=1, help="How often it may be played.")] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="Sites on whose pages it plays, https://example.com; can be repeated.")
    ] = None,
) -> None:
    """Make a link to watch a video, and print it. It is shown this once.

    Whoever has it can watch without an account, until it ends or 'reelgate revoke' ends it. What is played is charged to your
    bandwidth.
    """
    async with cli.client() as client:
        found = await client.find(video)
        grant = await client.grants.create(
            found.video_id,
            label=label,
            seconds=seconds_of(lasting),
            max_plays=max_plays,
            origins=origin or None,
            idempotency_key=uuid.uuid4().hex,
        )
    cli.output.result(grant, grant.watch_url)
    cli.output.note(f"It works until {words.moment(grant.expires_at)}. To end it: reelgate revoke {grant.grant_id}")


async def links(cli: Cli, video: Name) -> None:
    """List the links of a video."""
    async with cli.client() as client:
        video_id = (await client.find(video)).video_id
        found = [one async for one in pages(lambda cursor: client.grants.list(video_id, cursor=cursor))]
    if cli.output.as_json:
        cli.output.document({"items": found})
    else:
        headings = ("ID", "FOR", "STATE", "PLAYS", "CHARGED", "ENDS")
        cli.output.table(headings, (_row(one) for one in found), right=(3, 4))


async def revoke(
    cli: Cli,
    grant: Annotated[str, typer.Argument(metavar="LINK", help="The id of a link; with --all, a video.")],
    everything: Annotated[bool, typer.Option("--all", help="End all links of a video.")] = False,
) -> None:
    """End a link, at once for new plays, within minutes for those under way."""
    async with cli.client() as client:
        if everything:
            found = await client.find(grant)
            await client.grants.revoke_all(found.video_id)
            cli.output.result({"video_id": found.video_id, "revoked": True}, f"All links of {found.filename} have ended.")
        else:
            await client.grants.revoke(grant)
            cli.output.result({"grant_id": grant, "revoked": True}, "The link has ended.")


def _row(one: PlaybackGrant) -> tuple[str, ...]:
    plays = f"{one.plays} of {one.max_plays}" if one.max_plays else str(one.plays)
    return one.grant_id, one.label or "", one.state, plays, words.size(one.charged_bytes), words.moment(one.expires_at)
