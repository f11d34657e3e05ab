"""The command `reelgate`."""

from __future__ import annotations

from typing import Annotated

import typer

import reelgate_client
from reelgate_client.cli.commands import account, admin, doctor, keys, library, sending, sharing, trash, usage

app = typer.Typer(
    name="reelgate",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they would show what is in variables: keys and URLs
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 not signed in, 4 a limit, 5 not reachable, 6 not found, 7 name taken, "
    "8 a file on this machine, 9 damaged bytes, 130 Ctrl-C. 'reelgate COMMAND --help' has examples.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reelgate {reelgate_client.__version__}")
        raise typer.Exit


@app.callback()
def reelgate(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Videos in Reelgate: upload them so that nothing stops it, list, play, share and fetch them.

    Sign in with 'reelgate login', or set REELGATE_URL and REELGATE_API_KEY. A VIDEO is named by its id, its file name or its
    title. Results go to stdout, everything else to stderr; --json prints results for programs.
    """


for _subject in (account, sending, library, sharing, usage, trash, keys, admin, doctor):
    _subject.add_to(app)


def main() -> None:
    """Run it."""
    app()


if __name__ == "__main__":
    main()
