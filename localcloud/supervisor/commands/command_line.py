"""Commands that messages suggest: run as printed, they reach the same local cloud."""

import os
import shlex

from localcloud.supervisor.ports import DEFAULT_BASE
from localcloud.supervisor.processes.process_identity import is_running
from localcloud.supervisor.state.folder import StateFolder


def command_of(state: StateFolder, words: str) -> str:
    """Return the shell command that runs `words` on the local cloud of this port and state folder."""
    usual_port = (os.environ.get("REELGATE_PORT") or str(DEFAULT_BASE)) == str(state.base_port)
    port = "" if usual_port and state.base_port == DEFAULT_BASE else f"--port {state.base_port} "
    folder_here = os.environ.get("REELGATE_STATE") or str(state.path.absolute())
    usual_folder = state.path.absolute() == StateFolder(state.base_port).path and folder_here == str(state.path.absolute())
    folder = "" if usual_folder else f"--state {shlex.quote(str(state.path.absolute()))} "
    return f"./emulator.sh {port}{folder}{words}"


def not_running(state: StateFolder) -> str:
    """Return a message that no local cloud is running there, and how to start it."""
    return f"The local cloud on port {state.base_port} is not running. Start it: {command_of(state, 'up')}"


def why_no_answer(state: StateFolder, name: str) -> str:
    """Say why the service `name` does not answer, and what to do."""
    record = state.read_record()
    if not record or not is_running(record.pid, record.start):
        return not_running(state)
    if name not in record.processes:
        return (
            f"The local cloud on port {state.base_port} was started without {name}. "
            f"Stop it and start it with all services: {command_of(state, 'down')} && {command_of(state, 'up')}"
        )
    return (
        f"{name} does not answer right now, but the local cloud on port {state.base_port} is running: {name} is starting or "
        f"ending. Try again when it is ready ({command_of(state, 'status')}); its log: {command_of(state, f'logs {name}')}"
    )
