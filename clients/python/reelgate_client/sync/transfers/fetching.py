# Made from aio/transfers/fetching.py by make_sync.py. Change that file, and run it again.
"""Fetches a video or its MP3 into a file: in pieces if need be, checked, and under its name only when it is whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from reelgate_client.sync.transfers.bucket import Bucket, away
from reelgate_client.sync.videos import VideosApi
from reelgate_client.core.checksums import crc32c_of_header
from reelgate_client.core.partial_files import PartialFile, check_room, file_exists, same_file
from reelgate_client.core.progress import Progress, Stage
from reelgate_client.core.retries import TEMPORARY
from reelgate_client.errors import ChecksumMismatch, NotReachable, ReelgateError, TransferError
from reelgate_client.models import SignedAudioUrl, SignedVideoUrl
from reelgate_client.runtime import threads as runtime

_NOT_IN_NAMES = re.compile(r"[/\\:\x00-\x1f\x7f]")
"""What leads out of a folder, or names a drive or a stream, on any system; and what a terminal would carry out."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What is fetched: where its URL comes from, and its checksum where the API names it."""

    url: Callable[[], SignedVideoUrl | SignedAudioUrl]
    crc32c: str | None


class Fetcher:
    """Fetches files to this machine."""

    def __init__(self, videos: VideosApi, bucket: Bucket) -> None:
        self._videos = videos
        self._bucket = bucket

    def fetch(
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
        source = self._source(video_id, mp3)
        signed = source.url()
        target = _target(to, signed.filename)
        progress.begin(signed.size, video_id)
        crc32c = source.crc32c or self._checksum(source, signed.url)
        if target.exists():
            if runtime.in_thread(same_file, target, signed.size, crc32c):
                progress.arrived(signed.size)
                progress.enter(Stage.DONE)
                return target
            if not overwrite:
                raise file_exists(target)
        part = PartialFile(target, signed.size, f"{video_id}-mp3" if mp3 else video_id)
        with part.locked():
            kept = runtime.in_thread(part.open, resume)
            check_room(target, signed.size - kept)
            progress.enter(Stage.RECEIVING)
            self._receive(source, signed.url, part, progress)
            progress.enter(Stage.FINISHING)
            if crc32c != part.crc32c:
                part.drop()
                detail = f"What arrived of {target.name} is not what is stored. It was removed: fetch it again."
                raise ChecksumMismatch("checksum_mismatch", detail)
            runtime.in_thread(lambda: part.finish(overwrite=overwrite))
        progress.enter(Stage.DONE)
        return target

    def _source(self, video_id: str, mp3: bool) -> _Source:
        if mp3:
            return _Source(lambda: self._videos.audio_url(video_id), None)
        video = self._videos.get(video_id)
        return _Source(lambda: self._videos.url(video_id, download=True), video.crc32c)

    def _checksum(self, source: _Source, url: str) -> str:
        """Return the checksum that the bucket names, before anything is compared with it or fetched.

        Raises:
            TransferError: it names none: then nothing that is fetched could be checked.
        """
        failures = 0
        while True:
            try:
                with self._bucket.get(url, {"Range": "bytes=0-0"}) as response:
                    if response.status_code in {200, 206}:
                        named = crc32c_of_header(response.headers.get("x-goog-hash"))
                        if named is None:
                            detail = (
                                "The place where videos are stored does not say the checksum of this file: it is not fetched."
                            )
                            raise TransferError("checksum_unknown", detail)
                        return named
                    failed = self._refusal(response)
            except NotReachable as error:
                failed = error
            failures += 1
            if not isinstance(failed, NotReachable):
                raise failed
            self._bucket.wait(failures, failed)
            if failed.status in {400, 403}:  # the URL has expired
                url = (source.url()).url

    def _receive(self, source: _Source, url: str, part: PartialFile, progress: Progress) -> None:
        """Fetch what is missing."""
        failures = 0
        while part.kept < part.size:
            progress.arrived(part.kept)
            before = part.kept
            try:
                with self._bucket.get(url, {"Range": f"bytes={part.kept}-"}) as response:
                    if response.status_code in {200, 206}:
                        self._write(response, part, progress)
                        continue
                    failed = self._refusal(response)
            except NotReachable as error:
                failed = error
            failures = 1 if part.kept > before else failures + 1
            if not isinstance(failed, NotReachable):
                raise failed
            self._bucket.wait(failures, failed)
            if failed.status in {400, 403}:  # the URL has expired
                url = (source.url()).url
        progress.arrived(part.kept)

    def _write(self, response: httpx.Response, part: PartialFile, progress: Progress) -> None:
        if response.status_code == 200:
            part.restart()
        for data in response.iter_raw():
            part.write(data)
            progress.arrived(part.kept)
        if part.kept < part.size:
            raise away(status=response.status_code)

    def _refusal(self, response: httpx.Response) -> ReelgateError:
        content = response.read()
        if response.status_code in TEMPORARY or response.status_code == 403 or b"ExpiredToken" in content:
            return away(status=response.status_code)
        return TransferError("download_refused", "The file cannot be fetched any more.", status=response.status_code)


def _target(to: Path | str | None, filename: str) -> Path:
    path = Path(to) if to is not None else Path()
    name = _NOT_IN_NAMES.sub("_", filename).lstrip(".") or "video"
    return path / name if path.is_dir() else path
