"""`python -m localcloud.eventarc --port P --data DIR --config FILE`."""

import argparse
import logging
import sys
from pathlib import Path

import uvloop

from localcloud.eventarc.server import running
from localcloud.eventarc.settings import InvalidSettings, Settings, read_settings
from localcloud.serving import HOST, until_stopped


async def serve(settings: Settings, data: Path, port: int) -> None:
    """Deliver events until SIGTERM or SIGINT."""
    async with running(settings, data, port) as bound_port:
        targets = ", ".join(f"{trigger.bucket} -> {trigger.url}" for trigger in settings.triggers)
        print(f"eventarc: {targets}; admin on http://{HOST}:{bound_port}", flush=True)
        await until_stopped()


def main() -> int:
    """Read the arguments, report every problem at once, or serve."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.eventarc", description="The local Eventarc.")
    parser.add_argument("--port", type=int, required=True, help="port of the admin interface")
    parser.add_argument("--data", type=Path, required=True, help="folder for what survives a restart")
    parser.add_argument("--config", type=Path, required=True, help="JSON: storage_url, triggers and the retry policy")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings(arguments.config.read_text())
    except InvalidSettings as invalid:
        print(f"{arguments.config} cannot be used:", *invalid.problems, sep="\n  ", file=sys.stderr)
        return 2
    uvloop.run(serve(settings, arguments.data, arguments.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
