"""Operate a deployment: `python -m ops COMMAND --project PROJECT`. docs/operations.md explains when to use each command.

The commands use your own credentials: `gcloud auth login` and `gcloud auth application-default login`.
"""

# ruff: noqa: E402 - the check for the wrong Python comes first, so older versions must be able to read this file
from __future__ import annotations

from localcloud.supervisor.virtual_environment import require_it

require_it("python -m ops")

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from types import ModuleType

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from ops import admins
from ops.access import deployment
from ops.access.gcloud import GcloudFailed
from ops.books import check_books, check_bucket, rebuild_days, show_outbox
from ops.messages import audit_gaps, dead_letters
from ops.requests import explain
from reelgate.domain.errors import ReelgateError

COMMANDS: dict[str, ModuleType] = {
    "books": check_books,
    "rebuild-days": rebuild_days,
    "bucket": check_bucket,
    "dead-letters": dead_letters,
    "outbox": show_outbox,
    "audit-gaps": audit_gaps,
    "explain": explain,
    "admin": admins,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if all is well, 1 if something is wrong, 2 if the check could not be done."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    given = _parser().parse_args(arguments)
    try:
        return int(asyncio.run(COMMANDS[given.command].run(given)))
    except (GcloudFailed, ReelgateError, ValueError) as error:
        print(error, file=sys.stderr)
    except GoogleAuthError as error:
        print(f"{error}\nLog in: gcloud auth application-default login", file=sys.stderr)
    except GoogleAPIError as error:
        print(f"Google Cloud refused the request or could not be reached: {error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        text = (module.__doc__ or "").partition(": ")[2]
        command = commands.add_parser(name, help=text.partition("\n")[0], description=text)
        deployment.add_arguments(command)
        module.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
