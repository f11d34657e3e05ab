"""`python -m localcloud.scheduler --port P`."""

import argparse

import uvloop

from localcloud.scheduler.api import running
from localcloud.serving import HOST, until_stopped


async def serve(port: int) -> None:
    """Run jobs until SIGTERM or SIGINT."""
    async with running(port) as bound_port:
        print(f"scheduler: http://{HOST}:{bound_port}", flush=True)
        await until_stopped()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.scheduler", description="A local Cloud Scheduler.")
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
