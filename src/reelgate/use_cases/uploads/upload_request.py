"""What a client asks for when it wants to upload, and what a deployment has against it whatever the books say."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.policy import Policy
from reelgate.domain.media.media_types import UNKNOWN, canonical, ending_of, endings_of, fits, type_of_ending
from reelgate.ports import Caller, HasBooks, HasClock, HasIds, HasPolicy, HasUserLookup
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin


class Services(HasBooks, HasClock, HasIds, HasPolicy, HasUserLookup, Protocol):
    """What checking a request for an upload needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """What a client asks for, checked. Sizes in bytes; `opened_by_server` asks for a session instead of a signed POST.

    `origin` is the browser's, which the bucket remembers for a session that the server opens. `digest` stands for the bytes
    where they came with the request. With `chunked` the size is not known yet and counts as 0.
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

    @property
    def fingerprint(self) -> str:
        """Stands for the request's content, to tell a repeated request from another one under the same key."""
        content = [self.filename, self.size, self.content_type, self.crc32c, self.title, self.opened_by_server, self.digest]
        if self.chunked:
            content.append(["chunked", self.main_service_file_id])
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def check_request(request: UploadRequest, policy: Policy, caller: Caller) -> None:
    """Raise what this deployment has against an upload, whatever the account says.

    Raises:
        Forbidden: uploads are not for this role.
        TooLarge: one file may not be that large.
        UnsupportedType: this content type is not stored, or the ending of the name does not fit it.
    """
    check_role(caller, policy)
    check_size(request.size, policy)
    check_type(request, policy)


def check_type(request: UploadRequest, policy: Policy) -> None:
    """Raise UnsupportedType when this deployment does not store that type, or the name says that it is something else."""
    kind, ending = request.content_type, ending_of(request.filename)
    types = policy.types_for(chunked=request.chunked)
    if not policy.takes(kind, chunked=request.chunked):
        if kind == UNKNOWN:
            what = (
                f"'.{ending}' is no ending of sound or video" if ending else "Neither a content type nor an ending came with it"
            )
            raise errors.UnsupportedType(f"{what}. Name the file with its own ending, such as 'holiday.mp4'.")
        if canonical(kind) is None and f"{kind.partition('/')[0]}/*" in types:
            raise errors.UnsupportedType(
                f"'{kind}' is not known as a type of sound or video; docs/media.md lists those that are."
            )
        raise errors.UnsupportedType(f"'{kind}' is not stored here; {', '.join(types)} are.")
    if canonical(kind) is not None and not fits(request.filename, kind):
        raise errors.UnsupportedType(_why_not(ending or "", kind))


def _why_not(ending: str, kind: str) -> str:
    if known := type_of_ending(ending):
        return f"A file that ends in '.{ending}' is {known}, not {kind}: send its own type, or none."
    endings = endings_of(kind) or ("mp4",)
    return f"A file that ends in '.{ending}' is not {kind}: name it with its own ending, such as '.{endings[0]}'."


def check_role(caller: Caller, policy: Policy) -> None:
    """Raise Forbidden when this deployment does not let the caller's role upload."""
    if caller.role not in policy.upload_roles:
        allowed = " and ".join(f"{role}s" for role in sorted(policy.upload_roles))
        raise errors.Forbidden(f"Only {allowed} can upload here, and your role is '{caller.role}'.")


async def require_uploader(services: Services, caller: Caller) -> None:
    """Check that the caller may be granted room here. Where only admins may, their token alone does not say it.

    Raises:
        Forbidden, AccountDisabled, Unavailable.
    """
    check_role(caller, services.policy)
    if services.policy.upload_roles == {"admin"}:
        await require_acting_admin(services, caller)


def check_size(size: int, policy: Policy) -> None:
    """Raise TooLarge when no file of this deployment may have that many bytes."""
    if size > policy.max_file_bytes:
        limit = policy.max_file_bytes
        raise errors.TooLarge(f"A file may have at most {limit} bytes.", limit=limit, requested=size)


def new_upload(services: Services, caller: Caller, request: UploadRequest) -> OpenUpload:
    """Return the upload to be granted. With an idempotency key its id follows from caller and key."""
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
        created_at=now,
        expires_at=now + timedelta(seconds=services.policy.upload_expiry_seconds),
    )
