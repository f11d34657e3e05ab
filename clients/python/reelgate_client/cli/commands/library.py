"""What is there: `ls`, `info`, `play`, `download`, `rm`, `rename`."""

from __future__ import annotations

import uuid
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import typer

from reelgate_client.aio.api import pages
from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.context import Cli
from reelgate_client.cli.exit_codes import ExitCode, exit_code_of_all
from reelgate_client.cli.transfers.bars import Bars
from reelgate_client.core.progress import Progress
from reelgate_client.errors import LocalFileError, ReelgateError
from reelgate_client.models import Video

Name = Annotated[str, typer.Argument(metavar="VIDEO", help="Its id, file name or title.")]


class Sort(StrEnum):
    """Orders of lists; `-` is descending."""

    NEWEST = "-uploaded_at"
    OLDEST = "uploaded_at"
    TITLE = "title"
    TITLE_DOWN = "-title"
    SIZE = "size"
    LARGEST = "-size"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "ls", examples='reelgate ls sea --sort=-size\nreelgate ls --json | jq -r ".items[].video_id"')(ls)
    command(app, "info", examples="reelgate info holiday.mp4")(info)
    command(app, "play", examples="mpv $(reelgate play holiday.mp4)\nreelgate play holiday.mp4 --file")(play)
    command(app, "download", examples="reelgate download holiday.mp4\nreelgate download holiday.mp4 --mp3 -o sounds/")(download)
    command(app, "rename", examples='reelgate rename holiday.mp4 "At the sea"')(rename)
    command(app, "rm", examples="reelgate rm holiday.mp4")(rm)


async def ls(
    cli: Cli,
    search: Annotated[str | None, typer.Argument(help="Words in title or file name, in any order.")] = None,
    sort: Annotated[Sort, typer.Option(help="By what they are sorted.")] = Sort.NEWEST,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> None:
    """List your videos."""
    found: list[Video] = []
    async with cli.client() as client:
        listed = pages(lambda cursor: client.videos.list(search=search, sort=sort.value, limit=200, cursor=cursor))
        async for video in listed:
            found.append(video)
            if len(found) == limit:
                break
    if cli.output.as_json:
        cli.output.document({"items": found})
    elif found:
        rows = (
            (
                one.video_id,
                one.filename,
                words.size(one.size),
                words.duration(one.duration_seconds),
                one.state,
                words.moment(one.uploaded_at),
                one.title or "",
            )
            for one in found
        )
        cli.output.table(("ID", "NAME", "SIZE", "LENGTH", "STATE", "UPLOADED", "TITLE"), rows, right=(2, 3))
    else:
        cli.output.note("There is no such video." if search else "You have no videos yet.")


async def info(cli: Cli, video: Name) -> None:
    """Show a video."""
    async with cli.client() as client:
        found = await client.find(video)
    if cli.output.as_json:
        cli.output.document(found)
        return
    picture = f"{found.width} x {found.height}" if found.width else None
    lines = {
        "id": found.video_id,
        "name": found.filename,
        "title": found.title,
        "state": found.state,
        "size": f"{words.size(found.size)} ({found.size} bytes)",
        "length": words.duration(found.duration_seconds) if found.duration_seconds else None,
        "picture": picture,
        "type": found.content_type,
        "crc32c": found.crc32c,
        "uploaded": words.moment(found.uploaded_at),
        "deleted": words.moment(found.deleted_at) if found.deleted_at else None,
        "hls": found.playback.detail or found.playback.state,
        "mp3": found.audio.detail or found.audio.state,
        "captions": ", ".join(one.language for one in found.captions) or None,
    }
    for name, value in lines.items():
        if value is not None:
            cli.output.line(f"{name:<10} {value}")


async def play(
    cli: Cli,
    video: Name,
    hours: Annotated[int, typer.Option(min=1, max=720, help="How long the URL of the playlist works.")] = 6,
    file: Annotated[bool, typer.Option("--file", help="Print a URL of the file itself instead.")] = False,
) -> None:
    """Print a URL that plays a video: its HLS playlist, or where it has none, the file.

    Whoever has the URL can watch. For the playlist a link is made, which 'reelgate revoke' ends. When it is played, the size of
    the video is charged to your bandwidth.
    """
    async with cli.client() as client:
        found = await client.find(video)
        if file or found.playback.state != "ready":
            signed = await client.videos.url(found.video_id)
            cli.output.result(signed, signed.url)
            return
        grant = await client.grants.create(
            found.video_id, label="reelgate play", seconds=hours * 3600, idempotency_key=uuid.uuid4().hex
        )
        shown = await client.play.get(grant.token)
    url = urljoin(cli.deployment() + "/", shown.hls.native_url) if shown.hls else grant.play_url
    cli.output.result({"video_id": found.video_id, "grant_id": grant.grant_id, "url": url, "expires_at": grant.expires_at}, url)


async def download(
    cli: Cli,
    videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Their ids, file names or titles.")],
    mp3: Annotated[bool, typer.Option("--mp3", help="The sound alone, as an MP3.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder, or for a single video a file.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with what an earlier attempt has left.")] = True,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace other files of the same name.")] = False,
) -> ExitCode:
    """Fetch videos.

    Until a file is whole and its CRC32C is right, it is in .NAME.ID.reelgate-part; run the same command again to go on. A file
    that is there already and is the same is not fetched again. The first download of a video in an hour charges its size to
    your bandwidth.

    Prints the path of each file.
    """
    if output is not None and len(videos) > 1 and not output.is_dir():
        raise typer.BadParameter(f"{output} is not a folder, and there are several videos.")
    failures: list[ReelgateError] = []
    with Bars(cli.output) as bars:
        async with cli.client() as client:
            for name in videos:
                progress = Progress(bars.watch(name))
                try:
                    video_id = (await client.find(name)).video_id
                    path = await client.fetcher.fetch(
                        video_id, output, mp3=mp3, resume=resume, overwrite=force, progress=progress
                    )
                except ReelgateError as error:
                    failures.append(error)
                    cli.output.error(error, about=name if len(videos) > 1 else None)
                    if isinstance(error, LocalFileError) and error.code == "file_exists":
                        cli.output.note("--force replaces it, -o gives another name.")
                else:
                    cli.output.result({"video_id": video_id, "file": str(path)}, str(path))
    return exit_code_of_all(failures)


async def rename(cli: Cli, video: Name, title: Annotated[str, typer.Argument(help='The new title; "" removes it.')]) -> None:
    """Give a video a title. Its file name stays."""
    async with cli.client() as client:
        changed = await client.videos.rename((await client.find(video)).video_id, title or None)
    cli.output.result(changed, f"{changed.filename}: {changed.title or 'no title'}")


async def rm(
    cli: Cli, videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Their ids, file names or titles.")]
) -> None:
    """Move videos to the trash. 'reelgate trash restore' brings them back."""
    async with cli.client() as client:
        for name in videos:
            found = await client.find(name)
            await client.videos.delete(found.video_id)
            cli.output.result({"video_id": found.video_id, "deleted": True}, f"{found.filename} is in the trash.")
