"""Deleted videos: `trash`. Open uploads: `uploads`."""

from __future__ import annotations

from typing import Annotated

import typer

from reelgate_client.aio.api import pages
from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.context import Cli
from reelgate_client.errors import NotFound
from reelgate_client.models import Video

Trashed = Annotated[str, typer.Argument(metavar="VIDEO", help="Its id, file name or title.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Add the groups."""
    trash = typer.Typer(
        help="Deleted videos: list, restore, or remove them for good.", rich_markup_mode=None, no_args_is_help=True
    )
    command(trash, "list", examples="reelgate trash list")(list_trash)
    command(trash, "restore", examples="reelgate trash restore holiday.mp4")(restore)
    command(trash, "purge", examples="reelgate trash purge holiday.mp4 --yes")(purge)
    command(trash, "empty", examples="reelgate trash empty --yes")(empty)
    app.add_typer(trash, name="trash")
    uploads = typer.Typer(
        help="Uploads that are not finished: list or cancel them.", rich_markup_mode=None, no_args_is_help=True
    )
    command(uploads, "list", examples="reelgate uploads list")(list_uploads)
    command(uploads, "cancel", examples="reelgate uploads cancel 3f0c...")(cancel)
    app.add_typer(uploads, name="uploads")


async def list_trash(cli: Cli) -> None:
    """List the trash, the last deleted first."""
    async with cli.client() as client:
        found = [one async for one in pages(lambda cursor: client.trash.list(limit=200, cursor=cursor))]
    if cli.output.as_json:
        cli.output.document({"items": found})
        return
    rows = ((one.video_id, one.filename, words.size(one.size), words.moment(one.purge_at), one.title or "") for one in found)
    cli.output.table(("ID", "NAME", "SIZE", "REMOVED FOR GOOD", "TITLE"), rows, right=(2,))


async def restore(cli: Cli, video: Trashed) -> None:
    """Take a video out of the trash."""
    async with cli.client() as client:
        restored = await client.videos.restore((await _trashed(client, video)).video_id)
    cli.output.result(restored, f"{restored.filename} is back.")


async def purge(cli: Cli, video: Trashed, yes: Yes = False) -> None:
    """Remove a video from the trash for good."""
    async with cli.client() as client:
        found = await _trashed(client, video)
        _sure(yes, f"Remove {found.filename} for good?")
        await client.trash.purge(found.video_id)
    cli.output.result({"video_id": found.video_id, "purged": True}, f"{found.filename} is gone.")


async def empty(cli: Cli, yes: Yes = False) -> None:
    """Remove everything in the trash for good."""
    _sure(yes, "Remove everything in the trash for good?")
    purged, complete = 0, False
    async with cli.client() as client:
        while not complete:
            emptied = await client.trash.empty()
            purged, complete = purged + emptied.purged, emptied.complete
    cli.output.result({"purged": purged, "complete": True}, f"{words.several(purged, 'video')} removed.")


async def list_uploads(cli: Cli) -> None:
    """List open uploads, oldest first. They hold their names and bytes until they are finished, cancelled, or expire."""
    async with cli.client() as client:
        found = [one async for one in pages(lambda cursor: client.uploads.list(limit=200, cursor=cursor))]
    if cli.output.as_json:
        cli.output.document({"items": found})
        return
    rows = ((one.upload_id, one.filename, words.size(one.size), words.moment(one.reserved_until)) for one in found)
    cli.output.table(("ID", "NAME", "SIZE", "RESERVED UNTIL"), rows, right=(2,))


async def cancel(cli: Cli, upload: Annotated[str, typer.Argument(metavar="UPLOAD", help="Its id.")]) -> None:
    """Cancel an upload; what has arrived of it is removed."""
    async with cli.client() as client:
        await client.uploads.cancel(upload)
    cli.journal.end(upload)
    cli.output.result({"upload_id": upload, "cancelled": True}, "The upload is cancelled.")


async def _trashed(client: AsyncReelgate, name: str) -> Video:
    """Return the video with this id, or the only one with this file name or title.

    Raises:
        NotFound: there is none, or several: the trash may have many of one name.
    """
    found = []
    async for video in pages(lambda cursor: client.trash.list(limit=200, cursor=cursor)):
        if name == video.video_id:
            return video
        if name in {video.filename, video.title}:
            found.append(video)
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound("video_not_found", f"There is no '{name}' in the trash.")
    lines = [f"{one.video_id}  deleted {words.moment(one.deleted_at)}  {words.size(one.size)}" for one in found]
    detail = f"{len(found)} videos in the trash are called '{name}'. Name one by its id:"
    raise NotFound("several_videos", "\n".join([detail, *lines]))


def _sure(yes: bool, question: str) -> None:
    if not yes:
        typer.confirm(question, abort=True, err=True)
