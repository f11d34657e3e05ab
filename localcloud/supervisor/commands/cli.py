"""The command line of the local Google Cloud; `./emulator.sh` is its usual way in."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from localcloud.supervisor.commands import cli_commands, process_commands, start_stop
from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.ports import DEFAULT_BASE, OFFSETS, SPAN
from localcloud.supervisor.state.folder import StateFolder

HELP = f"""Runs all of Reelgate on this machine, with a local Google Cloud and without the internet.

It uses {SPAN} ports from a base port on ({DEFAULT_BASE}; --port or REELGATE_PORT moves it) and keeps logs, data and keys in
.local/PORT. Two copies with bases {SPAN} apart can run side by side. REELGATE_* settings of the product are taken from the
environment, for example: REELGATE_STORAGE_LIMIT_BYTES=1000000 ./emulator.sh up"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--port", type=_base_port, default=argparse.SUPPRESS, help="base port (REELGATE_PORT)")
    common.add_argument("--state", type=Path, default=argparse.SUPPRESS, help="state folder (REELGATE_STATE; .local/PORT)")
    main = argparse.ArgumentParser(
        prog="emulator.sh", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter, parents=[common]
    )
    command = main.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return command.add_parser(name, help=text, description=text, parents=[common])

    up = add("up", "start everything, wait until it answers, run until Ctrl-C")
    up.add_argument("--detach", action="store_true", help="return once everything answers; exit code 1 if it does not")
    up.add_argument(
        "--only", type=_names, default=tuple(OFFSETS), metavar="A,B", help=f"start these only: {', '.join(OFFSETS)}"
    )
    up.add_argument("--temporary", action="store_true", help="start without users and books, and save none")
    up.add_argument("--detached-child", action="store_true", help=argparse.SUPPRESS)  # what `up --detach` runs
    down = add("down", "stop what 'up' started here; users, books and files are there again at the next 'up'")
    down.add_argument("--erase", action="store_true", help="and remove all of them, to start from scratch")
    add("status", "list the processes; exit code 0 if all are ready, 1 if not, 3 if nothing runs")
    add("demo", "run the whole product once on a real video, in a temporary cloud if none is running")
    add("test", "run the checks and all test rings in a cloud of its own; further arguments go to pytest")
    token = add("token", "print a fresh ID token; the user is created if needed")
    token.add_argument("email")
    token.add_argument("--admin", action="store_true", help="give the user the role admin (without it, the role is removed)")
    user = add("user", "make an account for the web console, or give it a new password, and print both")
    user.add_argument("email", nargs="?", default="me@example.com", help="its address (me@example.com)")
    user.add_argument("--admin", action="store_true", help="give the user the role admin (without it, the role is removed)")
    logs = add("logs", "print the end of one log or of all")
    logs.add_argument("name", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true", help="follow: also print new lines")
    books = add("books", "compare the accounts' books with their ledgers and videos; exit code 1 if any is wrong")
    books.add_argument("uid", nargs="*", help="only these users")
    add("watch-assets", "fetch the library that the watch page plays with (npm, once); up, demo and test do it by themselves")
    add(
        "clients", "build the web console and the JavaScript package, if they have changed (Node 20, npm); up does it by itself"
    )
    add("env", 'print export lines for clients: eval "$(./emulator.sh env)"')
    for name, text in {
        "restart": "restart one process and wait until it is ready",
        "kill": "kill one process with SIGKILL; the supervisor starts it again",
    }.items():
        add(name, text).add_argument("name")
    return main


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments; what `test` does not know is in `pytest`. Ends the process on wrong ones."""
    main = parser()
    given, unknown = main.parse_known_args(arguments)
    if unknown and given.command != "test":
        main.error(f"unrecognized arguments: {' '.join(unknown)}")
    given.pytest = unknown
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = parse(arguments)
    if given.command is None:
        parser().print_help()
        return 0
    try:
        return _RUN[given.command](given, _state_of(given))
    except (CannotStartError, argparse.ArgumentTypeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader has closed the pipe: `./emulator.sh logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _state_of(given: argparse.Namespace) -> StateFolder:
    """Return the folder of the local cloud that is meant.

    Raises argparse.ArgumentTypeError if REELGATE_PORT is no port.
    """
    port = getattr(given, "port", None)
    environment = os.environ.get("REELGATE_PORT")
    base_port = port or _base_port(environment or str(DEFAULT_BASE))
    folder = getattr(given, "state", None)
    # A shell in which `env` was evaluated has the state folder of that cloud: it is none of a cloud on another port.
    if folder is None and (not environment or environment == str(base_port)):
        folder = os.environ.get("REELGATE_STATE")
    return StateFolder(base_port, Path(folder) if folder else None)


def _up(given: argparse.Namespace, state: StateFolder) -> int:
    if given.detach:
        return start_stop.run_in_background(state, given.only, temporary=given.temporary)
    return start_stop.run_in_foreground(state, given.only, temporary=given.temporary, detached=given.detached_child)


def _down(given: argparse.Namespace, state: StateFolder) -> int:
    print("Stopped." if start_stop.stop(state) else f"Nothing is running on port {state.base_port}.")
    if given.erase:
        start_stop.erase(state)
        print(f"Erased what was in {state.path}.")
    return 0


_RUN: dict[str, Callable[[argparse.Namespace, StateFolder], int]] = {
    "up": _up,
    "down": _down,
    "status": lambda _, state: process_commands.show_status(state),
    "demo": lambda _, state: cli_commands.demo(state),
    "test": lambda given, _: cli_commands.test(given.pytest),
    "token": lambda given, state: cli_commands.print_token(state, given.email, admin=given.admin),
    "user": lambda given, state: cli_commands.print_account(state, given.email, admin=given.admin),
    "logs": lambda given, state: process_commands.show_logs(state, given.name, following=given.follow),
    "books": lambda given, state: cli_commands.check_books(state, given.uid),
    "watch-assets": lambda _given, _state: cli_commands.fetch_watch_assets(),
    "clients": lambda _given, _state: cli_commands.build_clients(),
    "env": lambda _, state: cli_commands.print_environment(state),
    "restart": lambda given, state: process_commands.restart(state, given.name),
    "kill": lambda given, state: process_commands.kill(state, given.name),
}


def _base_port(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= 65_535 - SPAN:
        raise argparse.ArgumentTypeError(f"the base port must be from 1024 to {65_535 - SPAN}, not '{text}'")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(OFFSETS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: none of {', '.join(OFFSETS)}")
    return names
