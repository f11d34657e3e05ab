"""`python -m localcloud.gateway`: starts, stops on SIGTERM, and says all that is wrong before it starts."""

import asyncio
import signal
import sys
from pathlib import Path

OPENAPI = "openapi: 3.0.3\npaths:\n  /a: {get: {x-reelgate-function: f}}\n"
ROOT = Path(__file__).resolve().parents[3]


async def start(folder: Path, openapi: str, backends: str) -> asyncio.subprocess.Process:
    """Start the gateway on a port that the system chooses."""
    (folder / "openapi.yaml").write_text(openapi)
    (folder / "backends.json").write_text(backends)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "localcloud.gateway", "--port", "0"),
        *("--openapi", str(folder / "openapi.yaml"), "--backends", str(folder / "backends.json")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_serves_until_it_is_stopped(tmp_path: Path) -> None:
    process = await start(tmp_path, OPENAPI, '{"f": "http://127.0.0.1:9"}')
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(line.rpartition(":")[2]))
    writer.write(b"GET /_gateway/health HTTP/1.1\r\nHost: h\r\n\r\n")
    assert b" 200 " in await reader.readline()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        _, errors = await process.communicate()
    writer.close()

    assert (process.returncode, errors) == (0, b"")


async def test_it_names_every_problem_and_does_not_start(tmp_path: Path) -> None:
    process = await start(tmp_path, OPENAPI + "  /b: {get: {}}\n", "{}")
    async with asyncio.timeout(10):
        _, errors = await process.communicate()

    assert process.returncode == 2
    assert "GET /b: no x-reelgate-function" in errors.decode()
