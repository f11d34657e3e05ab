"""The bucket of `FakeReelgate`: sessions, parts and objects, as Cloud Storage answers for them."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import google_crc32c
import httpx

STORAGE = "https://storage.example"
QUANTUM = 256 * 1024
PIECE = 64 * 1024


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that arrives in pieces, and may break off at its end."""

    def __init__(self, content: bytes, *, breaks_off: bool = False) -> None:
        self._pieces = [content[first : first + PIECE] for first in range(0, len(content), PIECE)]
        self._breaks_off = breaks_off

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._breaks_off:
            raise httpx.ReadError("reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


@dataclass
class _Session:
    number: int
    size: int
    content: bytes = b""


@dataclass
class FakeBucket:
    """Keeps bytes.

    Attributes:
        arrived: bytes of bodies that were read, by the id of their upload. What came twice counts twice.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    arrived: Counter[str] = field(default_factory=Counter)
    url_number: int = 0
    names_checksums: bool = True
    _sessions: dict[str, _Session] = field(default_factory=dict)
    _parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    _opened: int = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        kind, name, *rest = request.url.path.strip("/").split("/")
        if kind == "session":
            return self._session_request(request, name, int(rest[0]))
        if kind == "part":
            return self._part_request(request, name, int(rest[0]))
        return self._media_request(request, name, int(rest[0]))

    def open_session(self, upload_id: str, size: int) -> None:
        """Open a session, in place of an earlier one."""
        self._opened += 1
        self._sessions[upload_id] = _Session(self._opened, size)

    def end_session(self, upload_id: str) -> None:
        """Have a session end, as after a week."""
        del self._sessions[upload_id]

    def keep_only(self, upload_id: str, count: int) -> None:
        """Have a session forget bytes that it has received but not confirmed."""
        self._sessions[upload_id].content = self._sessions[upload_id].content[:count]

    def is_alive(self, upload_id: str) -> bool:
        """Return whether an upload has a session."""
        return upload_id in self._sessions

    def session_url(self, upload_id: str) -> str:
        """Return the URL of an upload's session, also of one that has ended."""
        session = self._sessions.get(upload_id)
        return f"{STORAGE}/session/{upload_id}/{session.number if session else 0}"

    def part_url(self, upload_id: str, index: int) -> str:
        """Return the URL of a part."""
        return f"{STORAGE}/part/{upload_id}/{index}"

    def media_url(self, name: str) -> str:
        """Return a URL of an object; `expire_urls` ends it."""
        return f"{STORAGE}/media/{name}/{self.url_number}"

    def expire_urls(self) -> None:
        """End all URLs of objects."""
        self.url_number += 1

    def put_object(self, name: str, content: bytes) -> str:
        """Have an object; returns its checksum."""
        self.objects[name] = content
        return self.crc32c(name)

    def has_object(self, name: str) -> bool:
        """Return whether an upload's file is whole."""
        return name in self.objects

    def parts(self, upload_id: str) -> list[int]:
        """Return the indexes of the parts that are there."""
        return [index for owner, index in self._parts if owner == upload_id]

    def kept(self, upload_id: str) -> int:
        """Return how many bytes of an open upload are there."""
        if upload_id in self._sessions:
            return len(self._sessions[upload_id].content)
        return sum(len(part) for (owner, _), part in self._parts.items() if owner == upload_id)

    def join(self, upload_id: str, count: int) -> None:
        """Make one object of all parts."""
        self.objects[upload_id] = b"".join(self._parts[upload_id, index] for index in range(count))

    def crc32c(self, name: str) -> str:
        """Return the checksum of an object."""
        return _crc32c(self.objects[name])

    def _session_request(self, request: httpx.Request, upload_id: str, number: int) -> httpx.Response:
        session = self._sessions.get(upload_id)
        if session is None or session.number != number:
            return httpx.Response(410)
        if upload_id in self.objects:
            return httpx.Response(200)
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", request.headers["content-range"])
        assert found
        assert int(found[3]) == session.size
        if found[1] is not None:
            first, last = int(found[1]), int(found[2])
            self.arrived[upload_id] += len(request.content)
            assert len(request.content) == last - first + 1
            assert (last + 1) % QUANTUM == 0 or last + 1 == session.size
            if first > len(session.content):
                return httpx.Response(400)
            session.content = session.content[:first] + request.content
        if len(session.content) == session.size:
            self.objects[upload_id] = session.content
            return httpx.Response(200)
        kept = len(session.content)
        return httpx.Response(308, headers={"Range": f"bytes=0-{kept - 1}"} if kept else {})

    def _part_request(self, request: httpx.Request, upload_id: str, index: int) -> httpx.Response:
        self.arrived[upload_id] += len(request.content)
        if (upload_id, index) in self._parts:
            return httpx.Response(412)
        if request.headers["x-goog-hash"] != f"crc32c={_crc32c(request.content)}":
            return httpx.Response(400, content=b"<Code>BadDigest</Code>")
        self._parts[upload_id, index] = request.content
        return httpx.Response(200)

    def _media_request(self, request: httpx.Request, name: str, number: int) -> httpx.Response:
        if number != self.url_number:
            return httpx.Response(400, content=b"<Error><Code>ExpiredToken</Code></Error>")
        content = self.objects[name]
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers["range"])
        assert found
        headers = {"x-goog-hash": f"crc32c={_crc32c(content)},md5=AAAA"} if self.names_checksums else {}
        end = int(found[2]) + 1 if found[2] else None
        return httpx.Response(206, stream=Body(content[int(found[1]) : end]), headers=headers)


def _crc32c(content: bytes) -> str:
    return base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()
