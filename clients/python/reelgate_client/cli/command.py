"""Makes a command of a coroutine: with the options that all commands have, exit codes, and a clean end at Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from reelgate_client.cli.context import Cli
from reelgate_client.cli.exit_codes import ExitCode, exit_code_of
from reelgate_client.cli.output import Output
from reelgate_client.errors import NotSignedIn, ReelgateError

Run = Callable[..., Awaitable[ExitCode | None]]

Json = Annotated[bool, typer.Option("--json", help="Print JSON: one document, or one for each line.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only: no progress, no notes.")]
Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="The deployment. By default REELGATE_URL, or where you signed in last."),
]
_COMMON = {"json": Json, "quiet": Quiet, "url": Url}


def command(group: typer.Typer, name: str, *, examples: str = "") -> Callable[[Run], Run]:
    """Add a coroutine to a group of commands. Its first parameter is the `Cli`, the others are arguments and options.

    It returns the exit code, or None when all went well. Its docstring is the help, followed by the examples.
    """

    def add(run: Run) -> Run:
        signature = inspect.signature(run, eval_str=True)
        own = list(signature.parameters.values())[1:]
        common = [
            inspect.Parameter(one, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=None if one == "url" else False)
            for one, kind in _COMMON.items()
        ]

        def call(**arguments: Any) -> None:
            common_values = {one: arguments.pop(one) for one in _COMMON}
            output = Output(as_json=common_values["json"], quiet=common_values["quiet"])
            code = run_command(lambda cli: run(cli, **arguments), Cli(output, url=common_values["url"]))
            raise typer.Exit(code)

        keyword = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        call.__signature__ = inspect.Signature([*keyword, *common])  # type: ignore[attr-defined]
        call.__annotations__ = {one.name: one.annotation for one in [*keyword, *common]}
        call.__doc__ = inspect.getdoc(run)
        epilog = "Examples:\n\n\b\n" + inspect.cleandoc(examples) if examples else None
        group.command(name, epilog=epilog)(call)
        return run

    return add


def run_command(run: Callable[[Cli], Awaitable[ExitCode | None]], cli: Cli) -> ExitCode:
    """Run a command to its end and return its exit code."""
    try:
        code = asyncio.run(_until_ended(run, cli))
    except KeyboardInterrupt:
        cli.output.note("Interrupted. Run the same command again to go on.")
        code = ExitCode.INTERRUPTED
    except asyncio.CancelledError:
        code = ExitCode.TERMINATED
    except ReelgateError as error:
        cli.output.error(error)
        if isinstance(error, NotSignedIn) and error.code in {"signed_out", "unauthorized"}:
            cli.output.note("Sign in with 'reelgate login', or set REELGATE_API_KEY.")
        code = exit_code_of(error)
    except BrokenPipeError:  # `reelgate ls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.OK
    return code


async def _until_ended(run: Callable[[Cli], Awaitable[ExitCode | None]], cli: Cli) -> ExitCode:
    """Run it; SIGTERM ends it like Ctrl-C does, with connections closed and files in order."""
    task = asyncio.current_task()
    with contextlib.suppress(NotImplementedError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: task and task.cancel())
    return await run(cli) or ExitCode.OK
