"""Send a file through a resumable session, straight to storage, and break the connection once on purpose."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

CHUNK = 8 * 1024 * 1024


class TransferError(Exception):
    """Storage did not answer as its documentation says."""


def open_session(client: httpx.Client, request: dict[str, Any]) -> str:
    """Open the session with the signed `request` of a started upload. Returns its URL."""
    answer = client.request(request["method"], request["url"], headers=request["headers"])
    if answer.status_code != 201 or "location" not in answer.headers:
        raise TransferError(f"opening the session: {answer.status_code} {answer.text[:300]}")
    return answer.headers["location"]


def received(client: httpx.Client, session: str, total: int) -> int:
    """Ask the session how many bytes it has kept."""
    answer = client.put(session, headers={"Content-Range": f"bytes */{total}", "Content-Length": "0"})
    if answer.status_code in {200, 201}:
        return total
    if answer.status_code != 308:
        raise TransferError(f"asking the session: {answer.status_code} {answer.text[:300]}")
    return int(answer.headers["range"].rpartition("-")[2]) + 1 if "range" in answer.headers else 0


def send_and_break(session: str, file: Path, offset: int, count: int) -> None:
    """Announce a whole chunk from `offset`, send `count` bytes of it, and cut the connection."""
    total = file.stat().st_size
    last = min(offset + CHUNK, total) - 1
    url = urlsplit(session)
    head = (
        f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {last - offset + 1}\r\n"
        f"Content-Range: bytes {offset}-{last}/{total}\r\n\r\n"
    )
    with socket.create_connection((url.hostname or "", url.port or 80), timeout=10) as connection, file.open("rb") as source:
        source.seek(offset)
        connection.sendall(head.encode() + source.read(count))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):  # until storage has noticed the broken connection
            pass


def send_chunks(client: httpx.Client, session: str, file: Path, offset: int) -> Iterator[int]:
    """Send the rest of a file chunk by chunk, starting where the session says it stopped. Yields the bytes kept so far."""
    total = file.stat().st_size
    with file.open("rb") as source:
        while offset < total:
            source.seek(offset)
            chunk = source.read(CHUNK)
            content_range = f"bytes {offset}-{offset + len(chunk) - 1}/{total}"
            answer = client.put(session, content=chunk, headers={"Content-Range": content_range})
            if answer.status_code in {200, 201}:
                offset = total
            elif answer.status_code == 308 and "range" in answer.headers:
                offset = int(answer.headers["range"].rpartition("-")[2]) + 1
            else:
                raise TransferError(f"sending a chunk: {answer.status_code} {answer.text[:300]}")
            yield offset
