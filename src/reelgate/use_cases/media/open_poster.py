"""Open a link to a poster."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.files import names
from reelgate.domain.value_types import positional_value_type
from reelgate.domain.videos.poster_links import is_capability, window_of_link
from reelgate.ports.books import HasPolicy
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.media.link_posters import sign_poster
from reelgate.use_cases.videos.issue_window_url import Method, window_of


class Services(HasClock, HasDerivedBucket, HasDerivedMedia, HasPolicy, HasSigner, Protocol):
    """What opening a link to a poster needs."""


@positional_value_type
class OpenedPoster:
    """The signed URL of a poster, and for how many seconds it works."""

    url: str = field(repr=False)
    seconds: int


async def open_poster(
    services: Services, user_id: str, video_id: str, capability: str, *, method: Method = "GET"
) -> OpenedPoster:
    """Return the signed URL of a poster, for the window of the link. At most one document is read, and nothing is charged.

    Raises:
        PosterNotFound: the link is wrong, has expired, or its video is gone. Which of these is not said.
        Unavailable: the record could not be read, or a remote signer not be reached.
    """
    if not (names.is_user_id(user_id) and names.is_file_id(video_id) and is_capability(capability)):
        raise _not_found()
    record = (await services.derived_media.get(user_id, video_id)).get(video_id)
    if record is None or record.poster != "ready" or record.poster_secret is None:
        raise _not_found()
    window = window_of_link(capability, window_of(services, video_id), record.poster_secret)
    if window is None:
        raise _not_found()
    poster = await sign_poster(services, record, window, method=method)
    return OpenedPoster(poster.url, int((poster.expires_at - services.now()).total_seconds()))


def _not_found() -> errors.PosterNotFound:
    return errors.PosterNotFound("This link to a picture has expired or is not complete.")
