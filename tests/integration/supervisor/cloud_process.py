"""Runs a supervisor over server_process.py: python cloud_process.py STATE_FOLDER '{"name": [port, "habit", ...]}'."""

import asyncio
import json
import os
import sys
from pathlib import Path

from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.services.environment import base_environment
from localcloud.supervisor.services.service import Service
from localcloud.supervisor.state.folder import StateFolder
from localcloud.supervisor.supervisor import Supervisor

SERVER = Path(__file__).with_name("server_process.py")


def say(text: str) -> None:
    print(text, flush=True)


state = StateFolder(1, Path(sys.argv[1]))
state.create()
parts = [
    Service(
        name=name,
        command=(sys.executable, str(SERVER), *map(str, arguments)),
        port=arguments[0],
        health_path="/",
        env=base_environment(os.environ),
    )
    for name, arguments in json.loads(sys.argv[2]).items()
]
try:
    asyncio.run(Supervisor(parts, state, say).run(lambda seconds: say("ready")))
except CannotStartError as error:
    sys.exit(str(error))
