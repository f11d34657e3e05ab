# Made from aio/client.py by make_sync.py. Change that file, and run it again.
"""The client for threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx

from reelgate_client.sync.accounts import AuthApi, MeApi
from reelgate_client.sync.administration import AdminApi
from reelgate_client.sync.api import Api
from reelgate_client.sync.playback import GrantsApi, PlayApi
from reelgate_client.sync.transfers.bucket import Bucket
from reelgate_client.sync.transfers.fetching import Fetcher
from reelgate_client.sync.transfers.sending import Sender
from reelgate_client.sync.uploads import UploadsApi
from reelgate_client.sync.usage import UsageApi
from reelgate_client.sync.videos import TrashApi, VideosApi
from reelgate_client.core.credentials import Credentials, SessionStore
from reelgate_client.core.plans import DEFAULT_CHUNK_BYTES
from reelgate_client.core.progress import Progress
from reelgate_client.core.retries import RetryPolicy
from reelgate_client.errors import NotFound, ReelgateError
from reelgate_client.models import Upload, Video
from reelgate_client.runtime import threads as runtime

TIMEOUT = httpx.Timeout(60, connect=10)


class Reelgate:
    """One deployment of Reelgate, as one user.

    Use it as a context manager, or call `close`. It can be shared by all threads of a program.

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
        transport: httpx.BaseTransport | None = None,
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
        self._http = httpx.Client(transport=transport, timeout=timeout)
        self._bucket_http = httpx.Client(transport=transport, timeout=timeout)
        self.api = Api(
            url, self._http, Credentials(api_key=api_key, token=token, store=session_store), policy, sleep=sleep
        )
        bucket = Bucket(self._bucket_http, policy, sleep=sleep)
        self.auth = AuthApi(self.api)
        self.me = MeApi(self.api)
        self.uploads = UploadsApi(self.api)
        self.videos = VideosApi(self.api)
        self.trash = TrashApi(self.api)
        self.grants = GrantsApi(self.api)
        self.play = PlayApi(self.api)
        self.usage = UsageApi(self.api)
        self.admin = AdminApi(self.api)
        self.sender = Sender(self.uploads, self.videos, bucket)
        self.fetcher = Fetcher(self.videos, bucket)

    def __enter__(self) -> Reelgate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._bucket_http.close()

    def upload(
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
            ReelgateError: see `Sender.plan` and `Sender.send`.
        """
        plan = self.sender.plan(
            path, filename=filename, title=title, parallel=parallel, part_size=part_size, chunk_size=chunk_size
        )
        upload = self.sender.send(plan, parallel=parallel, progress=Progress(progress), started=started)
        if upload.video_id is None:
            raise NotFound("video_not_found", f"{plan.filename} was uploaded, and has been deleted since.")
        return self.videos.get(upload.video_id)

    def download(
        self,
        video_id: str,
        to: Path | str | None = None,
        *,
        mp3: bool = False,
        resume: bool = True,
        overwrite: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> Path:
        """Fetch a video, or its MP3, and return the file. See `Fetcher.fetch`."""
        return self.fetcher.fetch(video_id, to, mp3=mp3, resume=resume, overwrite=overwrite, progress=Progress(progress))

    def find(self, name: str) -> Video:
        """Return the video with this id, file name or title.

        Raises:
            NotFound: there is none, or several have this title.
        """
        by_id = self._by_id(name)
        if by_id is not None:
            return by_id
        found = []
        cursor: str | None = None
        while True:
            page = self.videos.list(search=name, limit=200, cursor=cursor)
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

    def _by_id(self, name: str) -> Video | None:
        if not name.isascii() or not 8 <= len(name) <= 64 or not name.replace("-", "").replace("_", "").isalnum():
            return None
        try:
            return self.videos.get(name)
        except NotFound:
            return None
        except ReelgateError as error:
            if error.code == "invalid_request":
                return None
            raise
