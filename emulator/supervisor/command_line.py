"""The commands that people are told to type: they reach the same local cloud as the one that tells them."""

import os
import shlex

from emulator.supervisor.ports import DEFAULT_BASE
from emulator.supervisor.state import StateFolder


def command_of(state: StateFolder, words: str) -> str:
    """Return the line for a shell that gives the command `words` to the local cloud of this port and state folder."""
    usual_port = int(os.environ.get("REELGATE_PORT") or DEFAULT_BASE) == state.base_port
    port = "" if usual_port and state.base_port == DEFAULT_BASE else f"--port {state.base_port} "
    usual_folder = state.path.absolute() == StateFolder(state.base_port).path
    folder = "" if usual_folder else f"--state {shlex.quote(str(state.path.absolute()))} "
    return f"./emulator.sh {port}{folder}{words}"


def not_running(state: StateFolder) -> str:
    """Say that nothing runs there, and how it is started."""
    return f"The local cloud on port {state.base_port} is not running. Start it: {command_of(state, 'up')}"
