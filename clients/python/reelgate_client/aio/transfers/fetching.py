"""Fetches a video or its MP3 into a file: in pieces if need be, checked, and under its name only when it is whole."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from reelgate_client.aio.transfers.bucket import AsyncBucket, away
from reelgate_client.aio.videos import AsyncVideosApi
from reelgate_client.core.checksums import crc32c_of_header
from reelgate_client.core.partial_files import PartialFile, check_room, file_exists, same_file
from reelgate_client.core.progress import Progress, Stage
from reelgate_client.core.retries import TEMPORARY
from reelgate_client.errors import ChecksumMismatch, NotReachable, ReelgateError, TransferError
from reelgate_client.models import SignedAudioUrl, SignedVideoUrl
from reelgate_client.runtime import aio as runtime

_NOT_IN_NAMES = re.compile(r"[/\\:\x00-\x1f\x7f]")
"""What leads out of a folder, or names a drive or a stream, on any system; and what a terminal would carry out."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What is fetched: where its URL comes from, and its checksum where the API names it."""

    url: Callable[[], Awaitable[SignedVideoUrl | SignedAudioUrl]]
    crc32c: str | None


class AsyncFetcher:
    """Fetches files to this machine."""

    def __init__(self, videos: AsyncVideosApi, bucket: AsyncBucket) -> None:
        self._videos = videos
        self._bucket = bucket

    async def fetch(
        self,
        video_id: str,
        to: Path | str | None = None,
        *,
        mp3: bool = False,
        resume: bool = True,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Path:
        """Fetch a video, or its MP3, and return the file.

        Until it is whole and its checksum is right, it is in `.NAME.ID.reelgate-part`. A repeated call goes on there.

        Args:
            to: a file, or a folder that gets the file under its own name; by default this folder.
            resume: False starts from the beginning.
            overwrite: whether another file of this name is replaced.

        Raises:
            NotFound, LimitReached, NotSignedIn, Conflict: there is no URL for it.
            NotReachable: server or bucket were away for too long. What has arrived is kept.
            LocalFileError: no room or no permission here, or another file has its name.
            ChecksumMismatch, TransferError.
        """
        progress = progress or Progress()
        source = await self._source(video_id, mp3)
        signed = await source.url()
        target = _target(to, signed.filename)
        progress.begin(signed.size, video_id)
        crc32c = source.crc32c or await self._checksum(source, signed.url)
        if target.exists():
            if await runtime.in_thread(same_file, target, signed.size, crc32c):
                progress.arrived(signed.size)
                progress.enter(Stage.DONE)
                return target
            if not overwrite:
                raise file_exists(target)
        part = PartialFile(target, signed.size, f"{video_id}-mp3" if mp3 else video_id)
        with part.locked():
            kept = await runtime.in_thread(part.open, resume)
            check_room(target, signed.size - kept)
            progress.enter(Stage.RECEIVING)
            await self._receive(source, signed.url, part, progress)
            progress.enter(Stage.FINISHING)
            if crc32c != part.crc32c:
                part.drop()
                detail = f"What arrived of {target.name} is not what is stored. It was removed: fetch it again."
                raise ChecksumMismatch("checksum_mismatch", detail)
            await runtime.in_thread(lambda: part.finish(overwrite=overwrite))
        progress.enter(Stage.DONE)
        return target

    async def _source(self, video_id: str, mp3: bool) -> _Source:
        if mp3:
            return _Source(lambda: self._videos.audio_url(video_id), None)
        video = await self._videos.get(video_id)
        return _Source(lambda: self._videos.url(video_id, download=True), video.crc32c)

    async def _checksum(self, source: _Source, url: str) -> str:
        """Return the checksum that the bucket names, before anything is compared with it or fetched.

        Raises:
            TransferError: it names none: then nothing that is fetched could be checked.
        """
        failures = 0
        while True:
            try:
                async with self._bucket.get(url, {"Range": "bytes=0-0"}) as response:
                    if response.status_code in {200, 206}:
                        named = crc32c_of_header(response.headers.get("x-goog-hash"))
                        if named is None:
                            detail = (
                                "The place where videos are stored does not say the checksum of this file: it is not fetched."
                            )
                            raise TransferError("checksum_unknown", detail)
                        return named
                    failed = await self._refusal(response)
            except NotReachable as error:
                failed = error
            failures += 1
            if not isinstance(failed, NotReachable):
                raise failed
            await self._bucket.wait(failures, failed)
            if failed.status in {400, 403}:  # the URL has expired
                url = (await source.url()).url

    async def _receive(self, source: _Source, url: str, part: PartialFile, progress: Progress) -> None:
        """Fetch what is missing."""
        failures = 0
        while part.kept < part.size:
            progress.arrived(part.kept)
            before = part.kept
            try:
                async with self._bucket.get(url, {"Range": f"bytes={part.kept}-"}) as response:
                    if response.status_code in {200, 206}:
                        await self._write(response, part, progress)
                        continue
                    failed = await self._refusal(response)
            except NotReachable as error:
                failed = error
            failures = 1 if part.kept > before else failures + 1
            if not isinstance(failed, NotReachable):
                raise failed
            await self._bucket.wait(failures, failed)
            if failed.status in {400, 403}:  # the URL has expired
                url = (await source.url()).url
        progress.arrived(part.kept)

    async def _write(self, response: httpx.Response, part: PartialFile, progress: Progress) -> None:
        if response.status_code == 200:
            part.restart()
        async for data in response.aiter_raw():
            part.write(data)
            progress.arrived(part.kept)
        if part.kept < part.size:
            raise away(status=response.status_code)

    async def _refusal(self, response: httpx.Response) -> ReelgateError:
        content = await response.aread()
        if response.status_code in TEMPORARY or response.status_code == 403 or b"ExpiredToken" in content:
            return away(status=response.status_code)
        return TransferError("download_refused", "The file cannot be fetched any more.", status=response.status_code)


def _target(to: Path | str | None, filename: str) -> Path:
    path = Path(to) if to is not None else Path()
    name = _NOT_IN_NAMES.sub("_", filename).lstrip(".") or "video"
    return path / name if path.is_dir() else path
