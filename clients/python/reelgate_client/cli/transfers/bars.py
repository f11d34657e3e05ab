"""Progress of transfers, with speed and time left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

from rich import progress as rich_progress

from reelgate_client.cli.output import Output
from reelgate_client.core.progress import Progress, Stage

WORDS = {
    Stage.CHECKING: "reading",
    Stage.SENDING: "sending",
    Stage.RECEIVING: "fetching",
    Stage.WAITING: "waiting for another machine",
    Stage.FINISHING: "checking",
    Stage.DONE: "done",
}
NAME_CHARACTERS = 32


class Bars:
    """One bar for each transfer that is under way, on a terminal; nothing anywhere else."""

    def __init__(self, output: Output) -> None:
        self._bars = rich_progress.Progress(
            rich_progress.TextColumn("{task.description}", markup=False),
            rich_progress.BarColumn(bar_width=None),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
            rich_progress.TimeRemainingColumn(),
            rich_progress.TextColumn("{task.fields[stage]}", markup=False),
            console=output.console,
            transient=True,
            disable=not output.shows_progress,
            redirect_stdout=sys.stdout.isatty(),  # results that go to a file stay on stdout
        )

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def watch(self, name: str) -> Callable[[Progress], None]:
        """Return what shows the progress of a transfer. Its bar goes when it is done."""
        shown = name if len(name) <= NAME_CHARACTERS else name[: NAME_CHARACTERS - 1] + "…"
        task = self._bars.add_task(shown, total=None, stage=WORDS[Stage.CHECKING])

        def watcher(progress: Progress) -> None:
            self._bars.update(task, total=progress.total or None, completed=progress.bytes, stage=WORDS[progress.stage])
            if progress.stage is Stage.DONE:
                self._bars.update(task, visible=False)

        return watcher
