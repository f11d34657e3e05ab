"""Files to Reelgate: `upload` and `sync`."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Annotated

import typer

from reelgate_client.aio.client import AsyncReelgate
from reelgate_client.cli import words
from reelgate_client.cli.command import command
from reelgate_client.cli.context import Cli
from reelgate_client.cli.exit_codes import ExitCode
from reelgate_client.cli.transfers.bars import Bars
from reelgate_client.cli.transfers.batch import Batch
from reelgate_client.cli.transfers.folder_sync import PATIENCE_SECONDS, FolderSync
from reelgate_client.cli.transfers.folders import scan
from reelgate_client.cli.transfers.outcomes import Item, Outcome, show, sum_up
from reelgate_client.core.plans import DEFAULT_CHUNK_BYTES
from reelgate_client.errors import LocalFileError

KIB = 1024
MIB = 1024 * KIB

Parallel = Annotated[
    int,
    typer.Option("--parallel", "-p", min=1, max=32, help="How many small files, or parts of a large one, are sent at once."),
]
PartMib = Annotated[
    int | None, typer.Option("--part-mib", min=1, max=1024, help="MiB of each part, for files larger than that. By default 16.")
]
ChunkKib = Annotated[
    int, typer.Option("--chunk-kib", min=256, max=1024 * 1024, help="KiB that are sent at once through a session.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "upload", examples=_UPLOAD)(upload)
    command(app, "sync", examples=_SYNC)(sync)


_UPLOAD = """
reelgate upload holiday.mp4 --title "At the sea"
reelgate upload *.mov --parallel 8 --json > uploaded.ndjson
"""
_SYNC = """
reelgate sync ~/Videos
reelgate sync ~/Videos --recursive --dry-run
"""


async def upload(
    cli: Cli,
    files: Annotated[list[Path], typer.Argument(help="Files of sound or video.")],
    title: Annotated[str | None, typer.Option(help="A title, for a single file.")] = None,
    name: Annotated[str | None, typer.Option(help="Another file name in Reelgate, for a single file.")] = None,
    parallel: Parallel = 4,
    part_mib: PartMib = None,
    chunk_kib: ChunkKib = DEFAULT_CHUNK_BYTES // KIB,
) -> ExitCode:
    """Upload files.

    Whatever interrupts it, run the same command again: what has arrived is not sent again. Large files go in parallel parts. A
    file that is there already, with the same name and content, counts as done. The content is checked by CRC32C.

    Prints the id and name of each new video; with --json one line for each file.
    """
    if len(files) > 1 and (title or name):
        raise typer.BadParameter("--title and --name are for a single file.")
    with Bars(cli.output) as bars:
        async with cli.client() as client:
            batch = _batch(cli, client, bars, parallel, part_mib, chunk_kib)
            items = []
            for path in files:
                item = Item(path, unicodedata.normalize("NFC", name or path.name), title=title)
                try:
                    items.append(await batch.look_at(item))
                except LocalFileError as error:
                    batch.settle(Outcome(item, "failed", error=error))
            await batch.each(await batch.check(items), batch.send)
    return sum_up(cli.output, batch.outcomes)


async def sync(
    cli: Cli,
    folder: Annotated[Path, typer.Argument(help="The folder whose files are to be videos.")],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Also folders in it: 'trip/day 1.mp4' becomes 'trip - day 1.mp4'.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be uploaded, and upload nothing.")] = False,
    parallel: Parallel = 4,
    part_mib: PartMib = None,
    chunk_kib: ChunkKib = DEFAULT_CHUNK_BYTES // KIB,
    patience: Annotated[
        float,
        typer.Option(min=0.1, help="Seconds that another machine's upload may stand still before this one goes on with it."),
    ] = PATIENCE_SECONDS,
) -> ExitCode:
    """Upload the files of a folder that are not there yet.

    Files are the same if name, size and CRC32C are. Nothing is deleted, here or there; a file whose name another video has is
    reported. Killed at any moment, it goes on with the next run. Several machines can do the same folder at once: what one of
    them is sending is waited for, or gone on with if it stands still.

    Names in Reelgate have no folders. Without --recursive, folders in the folder are left out.
    """
    found = scan(folder, recursive=recursive)
    if found.left_out:
        left_out = words.several(len(found.left_out), "folder")
        cli.output.note(f"{left_out} in {folder} left out: names in Reelgate have none (see --recursive).")
    if found.other:
        cli.output.note(f"{words.several(found.other, 'file')} left out: neither sound nor video.")
    with Bars(cli.output) as bars:
        async with cli.client() as client:
            batch = _batch(cli, client, bars, parallel, part_mib, chunk_kib)
            await FolderSync(batch, patience=patience, dry_run=dry_run).run(found.items)
    return sum_up(cli.output, batch.outcomes)


def _batch(cli: Cli, client: AsyncReelgate, bars: Bars, parallel: int, part_mib: int | None, chunk_kib: int) -> Batch:
    return Batch(
        client,
        cli.journal,
        bars,
        parallel=parallel,
        part_size=None if part_mib is None else part_mib * MIB,
        chunk_size=chunk_kib * KIB,
        show=lambda outcome: show(cli.output, outcome),
    )
