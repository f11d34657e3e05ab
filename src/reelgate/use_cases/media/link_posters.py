"""Give videos the URLs of their posters, in lists as well as alone, without calling another service for each."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Protocol

from reelgate.domain.media.conversion import poster_name
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.value_types import positional_value_type
from reelgate.domain.videos.poster_links import poster_path
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.ports.books import HasPolicy
from reelgate.ports.media import HasDerivedBucket
from reelgate.ports.runtime import HasApiUrl, HasClock
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.videos.issue_window_url import Method, sign_in_window, window_of


class SigningServices(HasClock, HasDerivedBucket, HasPolicy, HasSigner, Protocol):
    """What signing the URL of a poster needs."""


class Services(SigningServices, HasApiUrl, Protocol):
    """What linking posters needs."""


@positional_value_type
class PosterUrl:
    """A URL that shows a poster, without a token, until `expires_at`."""

    url: str = field(repr=False)
    expires_at: datetime


async def link_poster(services: Services, record: DerivedMedia | None) -> PosterUrl | None:
    """Return the URL of a file's poster, which is the same during a window; None without a poster.

    A signer with a key signs the URL of the object. With a remote signer it is a link of the API (`poster_links`), relative to
    it if the deployment does not say where it is; None for a record that is older than such links.
    """
    if record is None or record.poster != "ready":
        return None
    if services.signer.signs_locally:
        return await sign_poster(services, record)
    if record.poster_secret is None:
        return None
    window = window_of(services, record.file_id)
    return PosterUrl(services.api_url + poster_path(record.uid, window, record.poster_secret), window.expires_at)


async def sign_poster(
    services: SigningServices, record: DerivedMedia, window: StreamWindow | None = None, *, method: Method = "GET"
) -> PosterUrl:
    """Return the signed URL of the poster that a file has, in its window of this moment or another one. Raises Unavailable."""
    window = window or window_of(services, record.file_id)
    name = poster_name(record.uid, record.file_id, record.generation)
    url = await sign_in_window(
        services, window, method=method, bucket=services.derived_bucket, object_name=name, tag=EgressTag.free("poster")
    )
    return PosterUrl(url, window.expires_at)
