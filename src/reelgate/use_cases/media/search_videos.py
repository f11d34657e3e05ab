"""List a user's videos: those that match a search, in one of six orders.

Firestore cannot search in texts, so the videos are read in the order of the list, and those that do not match are left out.
Only so many are read for a page; the cursor says where the next page goes on (docs/adr/0029-searching-videos.md).
"""

from __future__ import annotations

from reelgate.domain.books import list_cursors
from reelgate.domain.books.video import Video, VideoOrder
from reelgate.domain.media.derived_media import DerivedMedia, MediaState, state_of
from reelgate.domain.value_types import value_type
from reelgate.domain.videos.video_search import VideoSearch
from reelgate.ports.books import Page
from reelgate.ports.identity import Caller
from reelgate.use_cases.media.describe_videos import DescribedVideo, LinkServices, link_videos

MAX_EXAMINED = 500
"""How many videos are examined for a page of a search, unless the page itself is larger."""


@value_type
class VideoQuery:
    """Which videos are listed, and in which order."""

    order: VideoOrder
    search: VideoSearch = VideoSearch()
    state: MediaState | None = None

    @property
    def filters(self) -> tuple[str | None, ...]:
        """What makes the list another one, beside its order."""
        return (" ".join(self.search.words), self.search.type, self.state)

    @property
    def finds_all(self) -> bool:
        """Whether nothing is left out."""
        return self.search.finds_all and self.state is None


async def search_videos(
    services: LinkServices, caller: Caller, query: VideoQuery, *, limit: int, cursor: str | None = None
) -> Page[DescribedVideo]:
    """Return a page of the caller's videos that match, with their posters. At most 500 videos are examined for it, or `limit`.

    A page of a search may have fewer items than `limit`, even none, although there are more: `next_cursor` says so.

    Raises:
        InvalidRequest: the cursor is from another list, or from one with another order or other filters.
        Unavailable.
    """
    after = list_cursors.parse_narrowed_cursor(cursor, *query.filters)
    page = await _matching(services, caller.uid, query, limit, after)
    onwards = list_cursors.narrowed_cursor(page.next_cursor, *query.filters)
    return Page(await link_videos(services, page.items), onwards)


async def _matching(
    services: LinkServices, uid: str, query: VideoQuery, limit: int, after: str | None
) -> Page[tuple[Video, DerivedMedia | None]]:
    found: list[tuple[Video, DerivedMedia | None]] = []
    left = limit if query.finds_all else max(limit, MAX_EXAMINED)
    step = limit
    while left:
        page = await services.books.videos(uid, limit=min(step, left), cursor=after, order=query.order)
        left, step = left - len(page.items), 2 * step  # few match: the next read may be larger
        candidates = [video for video in page.items if query.search.matches(video)]
        if query.state is None:  # all of them are found, so the records of the others are not needed
            candidates = candidates[: limit - len(found)]
        records = await services.derived_media.get(uid, *(video.file_id for video in candidates)) if candidates else {}
        for video in candidates:
            record = records.get(video.file_id)
            if query.state not in {None, state_of(record)}:
                continue
            found.append((video, record))
            if len(found) == limit:
                at_end = video is page.items[-1] and page.next_cursor is None
                return Page(found, None if at_end else list_cursors.video_cursor(uid, query.order, video))
        after = page.next_cursor
        if after is None:
            break
    return Page(found, after)
