"""How fast bytes go into and out of the storage emulator through one connection, and what memory that takes.

Run: python -m bench.local_cloud.storage_throughput [--mib 1024]
The client is as light as possible (one buffer, http.client); it runs on the same machine as the server.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

MIB = 1024 * 1024
CHUNK_BYTES = 8 * MIB
BUCKET = "bench-bucket"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024, help="size of the object, in MiB")
    total = parser.parse_args().mib * MIB
    with tempfile.TemporaryDirectory(prefix="storage-bench-") as folder:
        port = free_port()
        command = [sys.executable, "-m", "localcloud.gcs", "--port", str(port), "--data", folder]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            connection = connect(port)
            exchange(connection, "POST", "/storage/v1/b", json.dumps({"name": BUCKET}).encode())
            started = memory_kib(server.pid, "VmRSS")
            print(f"object of {total // MIB} MiB, one connection; server at rest {started // 1024} MiB")
            report("upload, one PUT", total, lambda: upload_at_once(connection, total))
            report("upload, 8 MiB chunks", total, lambda: upload_in_chunks(connection, total))
            report("download", total, lambda: download(connection, total))
            peak = memory_kib(server.pid, "VmHWM")
            print(f"server's highest memory {peak // 1024} MiB, {(peak - started) // 1024} MiB above rest")
        finally:
            server.terminate()
            server.wait()


def report(label: str, total: int, work: Callable[[], None]) -> None:
    """Run once and print MB/s (10^6 bytes per second)."""
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    print(f"{label:22} {total / seconds / 1e6:7.0f} MB/s")


def upload_at_once(connection: http.client.HTTPConnection, total: int) -> None:
    """One resumable session, all bytes in one PUT."""
    target = open_session(connection, "at-once")
    headers = {"Content-Length": str(total)}
    connection.request("PUT", target, body=blocks(total), headers=headers)
    expect(connection, 200)


def upload_in_chunks(connection: http.client.HTTPConnection, total: int) -> None:
    """One resumable session, 8 MiB per PUT."""
    target = open_session(connection, "in-chunks")
    buffer = bytes(CHUNK_BYTES)
    for first in range(0, total, CHUNK_BYTES):
        end = min(first + CHUNK_BYTES, total)
        headers = {"Content-Range": f"bytes {first}-{end - 1}/{total}"}
        connection.request("PUT", target, body=memoryview(buffer)[: end - first], headers=headers)
        expect(connection, 200 if end == total else 308)


def download(connection: http.client.HTTPConnection, total: int) -> None:
    """The whole object in one GET."""
    connection.request("GET", f"/storage/v1/b/{BUCKET}/o/at-once?alt=media")
    answer = connection.getresponse()
    buffer = bytearray(MIB)
    received = 0
    while count := answer.readinto(buffer):
        received += count
    if received != total:
        raise RuntimeError(f"received {received} of {total} bytes")


def open_session(connection: http.client.HTTPConnection, name: str) -> str:
    """Return the request target of a new session."""
    target = f"/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&name={name}"
    location = exchange(connection, "POST", target).getheader("Location", "")
    return "/" + location.split("/", 3)[3]


def exchange(connection: http.client.HTTPConnection, method: str, target: str, body: bytes = b"") -> http.client.HTTPResponse:
    """Send a small request and return its answer, body read."""
    connection.request(method, target, body=body)
    return expect(connection, 200)


def expect(connection: http.client.HTTPConnection, status: int) -> http.client.HTTPResponse:
    """Read the answer. Raises RuntimeError for another status."""
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != status:
        raise RuntimeError(f"{answer.status}, expected {status}: {text!r}")
    return answer


def blocks(total: int) -> Iterator[bytes]:
    """Yield `total` bytes, the same buffer again and again."""
    buffer = bytes(MIB)
    for _ in range(total // MIB):
        yield buffer


def connect(port: int) -> http.client.HTTPConnection:
    """Return a connection once the server answers."""
    deadline = time.monotonic() + 15
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            exchange(connection, "GET", "/_emulator/health")
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return connection


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_kib(pid: int, field: str) -> int:
    """Return a memory figure of a process from /proc, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


if __name__ == "__main__":
    main()
