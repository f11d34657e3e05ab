"""A request to upload, and the checks that do not need the books."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.policy import Policy
from reelgate.domain.files.sizes import human_sizes
from reelgate.domain.media.media_types import UNKNOWN, canonical, extension_of, extensions_of, fits, type_of_extension
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import HasBooks, HasPolicy
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock, HasIds
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin


class Services(HasBooks, HasClock, HasIds, HasPolicy, HasUserLookup, Protocol):
    """What checking a request for an upload needs."""


@value_type
class UploadRequest:
    """A request to upload, with checked fields. Sizes are bytes; `opened_by_server` asks for a session instead of a signed
    POST.

    `origin` is the browser's; a session that the server opens is bound to it. `digest` is of the bytes, if the request
    contains them. With `chunked`, the file comes in parts: of `part_size`, or of sizes that are not known yet. In that case,
    `size` is 0.
    """

    filename: str
    size: int
    content_type: str
    crc32c: str | None = None
    title: str | None = None
    opened_by_server: bool = False
    origin: str | None = None
    idempotency_key: str | None = None
    digest: str | None = None
    chunked: bool = False
    main_service_file_id: int | str | None = None
    part_size: int | None = None

    @property
    def fingerprint(self) -> str:
        """A digest of the request: a repeated request has the same, a different one with the same idempotency key does not."""
        content = [self.filename, self.size, self.content_type, self.crc32c, self.title, self.opened_by_server, self.digest]
        if self.chunked:
            content.append(["chunked", self.main_service_file_id])
        if self.part_size is not None:
            content.append(["part_size", self.part_size])
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def check_request(request: UploadRequest, policy: Policy, caller: Caller) -> None:
    """Raise an error if this deployment does not accept such an upload from any account.

    Raises:
        Forbidden: the caller's role may not upload.
        TooLarge: the file is too large.
        UnsupportedType: the content type is not accepted, or does not fit the file extension.
    """
    check_role(caller, policy)
    check_size(request.size, policy)
    check_type(request, policy)


def check_type(request: UploadRequest, policy: Policy) -> None:
    """Raise UnsupportedType when this deployment does not accept the type, or the file extension belongs to another type."""
    kind, extension = request.content_type, extension_of(request.filename)
    grows = request.chunked and request.part_size is None
    types = policy.types_for(chunked=grows)
    if not policy.accepts(kind, chunked=grows):
        if kind == UNKNOWN:
            what = f"'.{extension}' is not an ending of sound or video files" if extension else "The file's name has no ending"
            raise errors.UnsupportedType(f"{what}. Give the file its proper ending, such as 'holiday.mp4'.")
        if canonical(kind) is None and f"{kind.partition('/')[0]}/*" in types:
            raise errors.UnsupportedType(f"'{kind}' is not a known type of sound or video.", hint="docs/media.md lists those.")
        raise errors.UnsupportedType(
            f"Files of the type '{kind}' cannot be stored here.", hint=f"Accepted are {', '.join(types)}."
        )
    if canonical(kind) is not None and not fits(request.filename, kind):
        raise errors.UnsupportedType(_why_not(extension or "", kind))


def _why_not(extension: str, kind: str) -> str:
    if known := type_of_extension(extension):
        return f"A file that ends in '.{extension}' is {known}, not {kind}."
    extensions = extensions_of(kind) or ("mp4",)
    return f"A file that ends in '.{extension}' is not {kind}: give it its proper ending, such as '.{extensions[0]}'."


def check_role(caller: Caller, policy: Policy) -> None:
    """Raise Forbidden when the caller's role may not upload in this deployment."""
    if caller.role not in policy.upload_roles:
        allowed = " and ".join(f"{role}s" for role in sorted(policy.upload_roles))
        raise errors.Forbidden(f"Only {allowed} can upload here.", hint=f"The role in the token is '{caller.role}'.")


async def require_uploader(services: Services, caller: Caller) -> None:
    """Check that the caller may upload. If only admins may, their role is also checked in the books and the directory, not
    only in the token.

    Raises:
        Forbidden, AccountDisabled, Unavailable.
    """
    check_role(caller, services.policy)
    if services.policy.upload_roles == {"admin"}:
        await require_acting_admin(services, caller)


def check_size(size: int, policy: Policy) -> None:
    """Raise TooLarge when a file may not have `size` bytes."""
    if size > policy.max_file_bytes:
        limit = policy.max_file_bytes
        too_much, most = human_sizes(size, limit)
        raise errors.TooLarge(
            f"This file is {too_much}; at most {most} are allowed.",
            limit=limit,
            requested=size,
        )


def new_upload(services: Services, caller: Caller, request: UploadRequest) -> OpenUpload:
    """Return the upload to be granted. With an idempotency key, its id is derived from caller and key."""
    now = services.now()
    if request.idempotency_key:
        upload_id = hashlib.sha256(f"{caller.uid}\0{request.idempotency_key}".encode()).hexdigest()[:32]
    else:
        upload_id = services.new_id()
    return OpenUpload(
        upload_id=upload_id,
        filename=request.filename,
        size=request.size,
        content_type=request.content_type,
        crc32c=request.crc32c,
        title=request.title,
        chunked=request.chunked,
        main_service_file_id=request.main_service_file_id,
        part_size=request.part_size,
        created_at=now,
        expires_at=now + timedelta(seconds=services.policy.upload_expiry_seconds),
    )
