"""The client for asyncio."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx

from reelgate_client.aio.accounts import AsyncAuthApi, AsyncMeApi
from reelgate_client.aio.administration import AsyncAdminApi
from reelgate_client.aio.api import AsyncApi
from reelgate_client.aio.playback import AsyncGrantsApi, AsyncPlayApi
from reelgate_client.aio.transfers.bucket import AsyncBucket
from reelgate_client.aio.transfers.fetching import AsyncFetcher
from reelgate_client.aio.transfers.sending import AsyncSender
from reelgate_client.aio.uploads import AsyncUploadsApi
from reelgate_client.aio.usage import AsyncUsageApi
from reelgate_client.aio.videos import AsyncTrashApi, AsyncVideosApi
from reelgate_client.core.credentials import Credentials, SessionStore
from reelgate_client.core.plans import DEFAULT_CHUNK_BYTES
from reelgate_client.core.progress import Progress
from reelgate_client.core.retries import RetryPolicy
from reelgate_client.errors import NotFound, ReelgateError
from reelgate_client.models import Upload, Video
from reelgate_client.runtime import aio as runtime

TIMEOUT = httpx.Timeout(60, connect=10)


class AsyncReelgate:
    """One deployment of Reelgate, as one user.

    Use it as a context manager, or call `aclose`. It can be shared by all tasks of a program.

    Attributes:
        auth, me: signing in; the account, its API keys.
        uploads, videos, trash, grants, usage: what belongs to the account.
        play: what the token of a link opens.
        admin: what only admins may do.
        sender, fetcher: whole files, step by step; `upload` and `download` do it in one call.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        token: str | Callable[[], str] | None = None,
        session_store: SessionStore | None = None,
        retries: RetryPolicy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        sleep: runtime.Sleep = runtime.sleep,
    ) -> None:
        """Make a client. Nothing is sent yet.

        Args:
            url: of the deployment; by default REELGATE_URL of the environment.
            api_key: by default REELGATE_API_KEY of the environment, if neither a token nor a store of sessions is given.
            token: of a login, or a function that returns one.
            session_store: where the session of `auth.sign_in` is kept; by default in memory.
            retries: for requests to API and bucket.

        Raises:
            ValueError: there is no URL.
        """
        url = url or os.environ.get("REELGATE_URL")
        if not url:
            raise ValueError("Which deployment? Give its URL, or set REELGATE_URL.")
        if api_key is None and token is None and session_store is None:
            api_key = os.environ.get("REELGATE_API_KEY") or None
        policy = retries or RetryPolicy()
        self._http = httpx.AsyncClient(transport=transport, timeout=timeout)
        self._bucket_http = httpx.AsyncClient(transport=transport, timeout=timeout)
        self.api = AsyncApi(
            url, self._http, Credentials(api_key=api_key, token=token, store=session_store), policy, sleep=sleep
        )
        bucket = AsyncBucket(self._bucket_http, policy, sleep=sleep)
        self.auth = AsyncAuthApi(self.api)
        self.me = AsyncMeApi(self.api)
        self.uploads = AsyncUploadsApi(self.api)
        self.videos = AsyncVideosApi(self.api)
        self.trash = AsyncTrashApi(self.api)
        self.grants = AsyncGrantsApi(self.api)
        self.play = AsyncPlayApi(self.api)
        self.usage = AsyncUsageApi(self.api)
        self.admin = AsyncAdminApi(self.api)
        self.sender = AsyncSender(self.uploads, self.videos, bucket)
        self.fetcher = AsyncFetcher(self.videos, bucket)

    async def __aenter__(self) -> AsyncReelgate:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        await self._bucket_http.aclose()

    async def upload(
        self,
        path: Path | str,
        *,
        filename: str | None = None,
        title: str | None = None,
        parallel: int = 4,
        part_size: int | None = None,
        chunk_size: int = DEFAULT_CHUNK_BYTES,
        progress: Callable[[Progress], None] | None = None,
        started: Callable[[Upload], None] | None = None,
    ) -> Video:
        """Send a file and return the video that it has become.

        Repeat it after any failure, or on another machine: it goes on where it was interrupted.

        Args:
            filename: by default that of the file.
            parallel: how many parts of a large file are sent at once; 1 sends it through one session.

        Raises:
            ReelgateError: see `AsyncSender.plan` and `AsyncSender.send`.
        """
        plan = await self.sender.plan(
            path, filename=filename, title=title, parallel=parallel, part_size=part_size, chunk_size=chunk_size
        )
        upload = await self.sender.send(plan, parallel=parallel, progress=Progress(progress), started=started)
        if upload.video_id is None:
            raise NotFound("video_not_found", f"{plan.filename} was uploaded, and has been deleted since.")
        return await self.videos.get(upload.video_id)

    async def download(
        self,
        video_id: str,
        to: Path | str | None = None,
        *,
        mp3: bool = False,
        resume: bool = True,
        overwrite: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> Path:
        """Fetch a video, or its MP3, and return the file. See `AsyncFetcher.fetch`."""
        return await self.fetcher.fetch(video_id, to, mp3=mp3, resume=resume, overwrite=overwrite, progress=Progress(progress))

    async def find(self, name: str) -> Video:
        """Return the video with this id, file name or title.

        Raises:
            NotFound: there is none, or several have this title.
        """
        by_id = await self._by_id(name)
        if by_id is not None:
            return by_id
        found = []
        cursor: str | None = None
        while True:
            page = await self.videos.list(search=name, limit=200, cursor=cursor)
            for video in page.items:
                if video.filename == name:
                    return video
                if video.title == name:
                    found.append(video)
            cursor = page.next_cursor
            if cursor is None:
                break
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound("several_videos", f"{len(found)} videos have the title '{name}'. Name one by its file name or id.")
        raise NotFound("video_not_found", f"You have no video '{name}'.")

    async def _by_id(self, name: str) -> Video | None:
        if not name.isascii() or not 8 <= len(name) <= 64 or not name.replace("-", "").replace("_", "").isalnum():
            return None
        try:
            return await self.videos.get(name)
        except NotFound:
            return None
        except ReelgateError as error:
            if error.code == "invalid_request":
                return None
            raise
