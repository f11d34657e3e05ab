"""The emulator with the Retry Test API, for the suites only: `python -m tests.conformance_suites.server --port P --data F`."""

import argparse
import asyncio
import logging
import re
from pathlib import Path

from aiohttp import web

from localcloud.gcs.dispatch import Dispatcher
from localcloud.gcs.errors import StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer, json_error
from localcloud.gcs.http.call import Call
from localcloud.gcs.server import LINE_LIMIT_BYTES
from localcloud.gcs.services import Services
from tests.conformance_suites.retry_tests import ResetError, RetryTests
from tests.conformance_suites.stand_ins import StandIns

HOST = "127.0.0.1"
RETRY_TEST = re.compile(r"/+retry_test(?:/([^/]+))?")  # with two slashes from the Node suite
CUT = 499


class SuiteDispatcher(Dispatcher):
    """The emulator's own handler behind the failures that a suite asks for."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._tests = RetryTests()
        self._stand_ins = StandIns()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        call = Call.from_request(request)
        if found := RETRY_TEST.fullmatch(call.target.raw_path):
            return await self._answer_test(call, found[1])
        try:
            self._tests.inject(call)
        except StorageError as error:
            return json_error(error)
        except ResetError:
            if request.transport is not None:
                request.transport.abort()
            return empty_answer(CUT)
        return await self._stand_ins.answer(call) or await self.answer(call)

    async def _answer_test(self, call: Call, test_id: str | None) -> web.StreamResponse:
        if test_id is None:
            return json_answer(self._tests.create(await call.document()))
        if call.method == "DELETE":
            self._tests.delete(test_id)
            return empty_answer(200)
        return json_answer(self._tests.get(test_id))


async def serve(port: int, folder: Path) -> None:
    """Serve until the process is ended."""
    services = Services.open(folder, f"http://{HOST}:{port}")
    handler = SuiteDispatcher(services).handle
    server = web.Server(handler, access_log=None, auto_decompress=False, max_line_size=LINE_LIMIT_BYTES)
    runner = web.ServerRunner(server, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    await asyncio.Event().wait()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="a folder that is thrown away afterwards")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(arguments.port, arguments.data))


if __name__ == "__main__":
    main()
