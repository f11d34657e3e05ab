"""An upload of one byte, made to look at its way, and removed again whatever happens."""

from __future__ import annotations

import asyncio
import contextlib

import httpx

from reelgate_client.cli.doctor.deployment import Deployment
from reelgate_client.errors import Conflict, NotFound, ReelgateError

CONTENT = b"\0"
REMOVAL_SECONDS = 20
PREFIX = "reelgate-doctor-"


class Sample:
    """The upload and what became of it.

    Attributes:
        upload_id: None until the API has granted it. It becomes the id of the video.
        session_url: a secret; None until a session is open.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.filename = f"{PREFIX}{deployment.run}.mp4"
        self.asked = False
        self.upload_id: str | None = None
        self.session_url: str | None = None
        self._deployment = deployment

    async def remove(self) -> str | None:
        """Remove it and return None, or what is left in words.

        Also in the middle of being granted: then it is found by its name.
        """
        if not self.asked:
            return None
        try:
            async with asyncio.timeout(REMOVAL_SECONDS):
                return await self._remove()
        except (ReelgateError, httpx.HTTPError, TimeoutError):
            return f"{self.filename} could not be removed."

    async def _remove(self) -> str | None:
        client = self._deployment.client
        upload_id = self.upload_id = self.upload_id or await self._find()
        if upload_id is None:
            return None
        try:
            await client.uploads.cancel(upload_id)
        except NotFound:
            return None
        except Conflict as error:
            if error.code != "upload_finished":  # it is a video already
                raise
        if self.session_url is not None:  # what a session that the client has opened gets from now on goes nowhere
            with contextlib.suppress(httpx.HTTPError):
                await self._deployment.send("DELETE", self.session_url)
        with contextlib.suppress(NotFound):
            await client.videos.delete(upload_id)
        with contextlib.suppress(NotFound):
            await client.trash.purge(upload_id)
        if await self._is_open(upload_id):
            return f"The upload {self.filename} is still open."
        try:
            await client.videos.get(upload_id)
        except NotFound:
            return None
        return f"{self.filename} is still there."

    async def _is_open(self, upload_id: str) -> bool:
        try:
            return (await self._deployment.client.uploads.get(upload_id)).state == "open"
        except NotFound:
            return False

    async def _find(self) -> str | None:
        client = self._deployment.client
        cursor: str | None = None
        while True:
            page = await client.uploads.list(limit=200, cursor=cursor)
            for one in page.items:
                if one.filename == self.filename:
                    return one.upload_id
            cursor = page.next_cursor
            if cursor is None:
                return None
