"""Sign the request that opens the resumable session of an upload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.files import names
from reelgate.ports import HasBucket, HasClock, HasPolicy, HasSigner, UrlToSign


class Services(HasBucket, HasClock, HasPolicy, HasSigner, Protocol):
    """What signing the URL of an upload needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUpload:
    """The request to send, exactly. `url` is a secret until it expires."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    expires_at: datetime


async def sign_upload(services: Services, uid: str, upload: OpenUpload) -> SignedUpload:
    """Return the signed request. The signature covers name, type, create-only and the upload's id.

    Raises:
        InvalidRequest: the file's name is too long together with the owner's and the file's id.
        Unavailable: the signer cannot be reached.
    """
    now = services.now()
    headers = {
        "Content-Type": upload.content_type,
        "x-goog-resumable": "start",
        "x-goog-if-generation-match": "0",
        "x-goog-meta-upload-id": upload.upload_id,
    }
    wanted = UrlToSign(
        method="POST",
        bucket=services.bucket,
        object_name=names.object_name(uid, upload.upload_id, upload.filename),
        expires_seconds=services.policy.upload_url_seconds,
        headers=headers,
    )
    return SignedUpload(
        method=wanted.method,
        url=await services.signer.signed_url(wanted, now=now),
        headers=headers,
        expires_at=now + timedelta(seconds=wanted.expires_seconds),
    )
