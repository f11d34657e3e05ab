"""`python -m localcloud.scheduler --port P --data DIR`."""

import argparse
from pathlib import Path

import uvloop

from localcloud.scheduler.server import running
from localcloud.serving import HOST, until_stopped


async def serve(data: Path, port: int) -> None:
    """Run jobs until SIGTERM or SIGINT."""
    async with running(data, port) as bound_port:
        print(f"scheduler: http://{HOST}:{bound_port}", flush=True)
        await until_stopped()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.scheduler", description="The local Cloud Scheduler.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder for the jobs")
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.data, arguments.port))


if __name__ == "__main__":
    main()
