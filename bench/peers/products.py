"""The products that are compared: what each is asked, in rounds of the same kind."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace

import jwt

from bench.functions.function_cpu import video_id, write_books
from bench.peers.measurement import Measurement, Request, Server
from bench.people import Person

AT_ONCE = 64
"""Requests under way, each of another user."""
UPLOADS = 4
"""Files of a round whose bytes are sent, one after the other."""
EMULATORS = {"storage": "storage emulator", "pubsub": "Pub/Sub emulator", "eventarc": "Eventarc bridge"}
BESIDE = (*EMULATORS, "finalize", "audit", "notify", "convert")
"""What works for Reelgate's functions, or goes on when they have answered."""


class Reelgate:
    """The functions, called without the gateway, which is Google's in the cloud."""

    def __init__(self, measurement: Measurement, pids: Mapping[str, int], videos_each: int) -> None:
        self._stream_url, self._upload = os.environ["REELGATE_STREAM_URL_URL"], os.environ["REELGATE_UPLOAD_URL"]
        self._measurement = measurement
        self._videos = [f"{number:02}.mp4" for number in range(videos_each)]
        self._next = 0
        self._people: list[Person] = []
        database = {"Firestore emulator": pids["firestore"]}
        rest = {EMULATORS.get(name, name): pids[name] for name in BESIDE}
        self._streaming = Server("Reelgate", pids["stream_url"], database, rest)
        self._uploading = Server("Reelgate", pids["upload"], database, rest)

    async def prepare(self) -> None:
        """Sign up the users and write their videos into the books."""
        self._people = [Person.sign_up() for _ in range(AT_ONCE)]
        await write_books(self._people, videos=self._videos)

    async def measure(self, videos: int, size: int) -> None:
        """One round: URLs of `videos` files of each user that have had none, the same again, as many grants, and files."""
        names = self._videos[self._next : self._next + videos]
        self._next += videos
        urls = [[self._url(person, name) for name in names] for person in self._people]
        await self._measurement.cost("signed download URL", self._streaming, urls)
        await self._measurement.cost("the same URLs again, soon after", self._streaming, [share * 2 for share in urls])
        grants = [[self._grant(person, 1000) for _ in names] for person in self._people]
        await self._measurement.cost("signed upload", self._uploading, grants)
        granted = [await self._measurement.answer(self._grant(self._people[0], size, start="server")) for _ in range(UPLOADS)]
        puts = [Request(method="PUT", url=each["session_url"], want=200, headers={}, data=bytes(size)) for each in granted]
        await self._measurement.pass_through(self._uploading, puts)

    def _url(self, person: Person, name: str) -> Request:
        path = f"/v1/videos/{video_id(person, name)}/url"
        return Request(method="GET", url=f"{self._stream_url}{path}", want=200, headers=person.headers)

    def _grant(self, person: Person, size: int, **more: str) -> Request:
        body = {"filename": f"{secrets.token_hex(8)}.mp4", "size": size, "content_type": "video/mp4", **more}
        return Request(method="POST", url=f"{self._upload}/v1/uploads", want=201, headers=person.headers, json=body)


class Supabase:
    """supabase/storage; each user has a folder that only they may use. JWT_SECRET is what it verifies tokens by."""

    def __init__(self, measurement: Measurement, url: str, pid: int, postgres_pid: int) -> None:
        self._measurement = measurement
        self._url = url
        self._server = Server("supabase/storage", pid, {"PostgreSQL": postgres_pid})
        self._users = {user: _bearer("authenticated", user) for user in (secrets.token_hex(8) for _ in range(AT_ONCE))}

    async def prepare(self) -> None:
        """Make the bucket, store an object for each user, and check that others get no URL of it."""
        bucket = {"id": "media", "name": "media"}
        service = _bearer("service_role", "")
        await self._measurement.answer(
            Request(method="POST", url=f"{self._url}/bucket", want=200, headers=service, json=bucket)
        )
        for user, token in self._users.items():
            url = f"{self._url}/object/media/{user}/00.mp4"
            headers = {**token, "Content-Type": "video/mp4"}
            await self._measurement.answer(Request(method="POST", url=url, want=200, headers=headers, data=b"x"))
        owner, other = list(self._users)[:2]
        # Without the policies, less would be measured than README.md says.
        refused = replace(self._download(owner), headers=self._users[other], want=400)
        await self._measurement.answer(refused)

    async def measure(self, each: int, size: int) -> None:
        """One round: `each` URLs of both kinds for each user, and files."""
        downloads = [[self._download(user)] * each for user in self._users]
        await self._measurement.cost("signed download URL", self._server, downloads)
        uploads = [[self._grant(user) for _ in range(each)] for user in self._users]
        await self._measurement.cost("signed upload", self._server, uploads)
        user = next(iter(self._users))
        signed = [await self._measurement.answer(self._grant(user)) for _ in range(UPLOADS)]
        headers = {"Content-Type": "video/mp4"}
        puts = [
            Request(method="PUT", url=f"{self._url}{one['url']}", want=200, headers=headers, data=bytes(size)) for one in signed
        ]
        await self._measurement.pass_through(self._server, puts)

    def _download(self, user: str) -> Request:
        url = f"{self._url}/object/sign/media/{user}/00.mp4"
        return Request(method="POST", url=url, want=200, headers=self._users[user], json={"expiresIn": 3600})

    def _grant(self, user: str) -> Request:
        url = f"{self._url}/object/upload/sign/media/{user}/{secrets.token_hex(8)}.mp4"
        return Request(method="POST", url=url, want=200, headers=self._users[user])


class Tus:
    """@tus/server with @tus/gcs-store; it has no accounts, and no signed URLs."""

    def __init__(self, measurement: Measurement, url: str, pid: int, storage_pid: int) -> None:
        self._measurement = measurement
        self._url = url
        self._server = Server("@tus/server", pid, rest={"storage emulator": storage_pid})

    async def measure(self, each: int, size: int) -> None:
        """One round: `each` times 64 uploads created, and files."""
        await self._measurement.cost("upload created", self._server, [[self._create(1000)] * each] * AT_ONCE)
        created = [await self._measurement.answer(self._create(size)) for _ in range(UPLOADS)]
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        patches = [Request(method="PATCH", url=one["Location"], want=204, headers=headers, data=bytes(size)) for one in created]
        await self._measurement.pass_through(self._server, patches)

    def _create(self, size: int) -> Request:
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": "filetype dmlkZW8vbXA0"}
        return Request(method="POST", url=self._url, want=201, headers=headers)


def _bearer(role: str, user: str) -> dict[str, str]:
    claims = {"role": role, "sub": user, "exp": int(time.time()) + 6 * 3600}
    return {"Authorization": f"Bearer {jwt.encode(claims, os.environ['JWT_SECRET'], algorithm='HS256')}"}
