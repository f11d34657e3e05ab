"""`python -m localcloud.gateway --port P --openapi openapi.yaml --backends FILE.json`."""

import argparse
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from localcloud.gateway.configuration import load
from localcloud.gateway.openapi import InvalidOpenApi, Operation
from localcloud.gateway.proxy import Gateway, open_backend_pool
from localcloud.gateway.routes import RouteTable
from localcloud.serving import HOST, listening, until_stopped

MAX_TARGET_BYTES = 64 * 1024  # any file name, percent-encoded, so that the function can say what is wrong with it


async def serve(
    port: int, operations: list[Operation], backends: dict[str, str], *, deadline_seconds: float, cors_origins: list[str]
) -> None:
    """Serve until SIGTERM or SIGINT."""
    routes = RouteTable(operations)
    async with open_backend_pool() as pool:
        gateway = Gateway(routes, backends, pool, deadline_seconds=deadline_seconds, cors_origins=cors_origins)
        async with listening(server_runner(gateway), port) as bound_port:
            print(f"gateway: {len(operations)} operations on http://{HOST}:{bound_port}", flush=True)
            await until_stopped()


def server_runner(gateway: Gateway) -> web.ServerRunner:
    """Return the runner: no application, middleware or access log between the socket and the gateway.

    A client that goes away cancels its handler, and with it the request to the function.
    """
    server = web.Server(
        gateway.handle,
        access_log=None,
        handler_cancellation=True,
        auto_decompress=False,
        max_line_size=MAX_TARGET_BYTES,
    )
    return web.ServerRunner(server, shutdown_timeout=5)


def main() -> int:
    """Read the arguments, report every problem at once, or serve."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.gateway", description="The local API Gateway.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--openapi", type=Path, required=True, help="OpenAPI 3.0 document")
    parser.add_argument("--backends", type=Path, required=True, help='JSON file: {"upload": "http://127.0.0.1:8090", ...}')
    parser.add_argument("--deadline", type=float, default=60, help="seconds a function may take to begin its answer")
    parser.add_argument(
        "--cors-origins", default="", help="web origins, separated by commas, that may read the gateway's errors"
    )
    arguments = parser.parse_args()
    try:
        operations, backends = load(arguments.openapi.read_text(), arguments.backends.read_text())
    except InvalidOpenApi as invalid:
        print(f"{arguments.openapi} cannot be served:", *invalid.problems, sep="\n  ", file=sys.stderr)
        return 2
    origins = [origin.strip() for origin in arguments.cors_origins.split(",") if origin.strip()]
    uvloop.run(serve(arguments.port, operations, backends, deadline_seconds=arguments.deadline, cors_origins=origins))
    return 0


if __name__ == "__main__":
    sys.exit(main())
