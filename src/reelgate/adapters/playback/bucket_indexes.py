"""The indexes of packaged videos, read over Cloud Storage's JSON API and kept for a moment.

Every playlist and every lease needs one. google-cloud-storage would double the cold start of `stream_url`, which uses nothing
else of it (docs/adr/0017-one-google-client.md).
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import quote

from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.google.retries import CallFailed, RetryPolicy, is_retryable_status
from reelgate.domain.errors import Unavailable
from reelgate.domain.playback.playlists import PlayableVideo
from reelgate.domain.playback.segment_index import SegmentIndex
from reelgate.domain.value_types import positional_value_type

MAX_INDEX_BYTES = 4 * 1024 * 1024
"""The largest index that is read. One of ten hours in segments of four seconds has 200 KB."""
MAX_KEPT_BYTES = 4 * 1024 * 1024
"""How many bytes of indexes an instance keeps, as they are stored: some 80 films of two hours. In memory they take up to ten
times as much."""
MAX_AGE_SECONDS = 60
"""How long one is kept. A video can be packaged anew under the same name, with other segments."""

_READS = RetryPolicy(attempts=4, deadline_seconds=10, attempt_seconds=5, first_pause_seconds=0.1, max_pause_seconds=1)

_log = logging.getLogger(__name__)


class _Refused(CallFailed):
    """Cloud Storage answered with an error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}", retryable=status == 401 or is_retryable_status(status))


@positional_value_type
class _Kept:
    video: PlayableVideo
    size: int
    until: float


class BucketIndexes:
    """Implements `SegmentIndexes`."""

    def __init__(self, rest: GoogleRest, bucket: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`rest` is the JSON API. `clock` returns seconds. Nothing is read yet."""
        self._rest = rest
        self._path = f"/storage/v1/b/{quote(bucket, safe='')}/o"
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_bytes = 0

    async def find(self, object_name: str) -> PlayableVideo | None:
        """See `SegmentIndexes.find`."""
        kept = self._kept.get(object_name)
        if kept is not None and kept.until > self._clock():
            self._kept.move_to_end(object_name)
            return kept.video
        data = await self._read(object_name)
        self._forget(object_name)
        if data is None:
            return None
        try:
            video = PlayableVideo(SegmentIndex.from_json(data))
        except ValueError as error:  # a newer revision may have written it
            _log.error("an index of segments cannot be read: %s", error)
            raise _unavailable() from None
        self._keep(object_name, video, len(data))
        return video

    async def _read(self, object_name: str) -> bytes | None:
        path = f"{self._path}/{quote(object_name, safe='')}?alt=media"
        try:
            return await _READS.run(lambda seconds: self._get(path, seconds))
        except CallFailed as error:
            _log.warning("storage failed: %s", error)
            raise _unavailable() from None

    async def _get(self, path: str, seconds: float) -> bytes | None:
        answer = await self._rest.call("GET", path, seconds=seconds, max_bytes=MAX_INDEX_BYTES)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _Refused(answer.status)
        return answer.body

    def _keep(self, object_name: str, video: PlayableVideo, size: int) -> None:
        self._forget(object_name)  # a request that ran beside this one may have kept it, too
        self._kept[object_name] = _Kept(video, size, self._clock() + MAX_AGE_SECONDS)
        self._kept_bytes += size
        while self._kept_bytes > MAX_KEPT_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, object_name: str) -> None:
        kept = self._kept.pop(object_name, None)
        if kept is not None:
            self._kept_bytes -= kept.size


def _unavailable() -> Unavailable:
    return Unavailable("The video cannot be reached at the moment. Try again.")
