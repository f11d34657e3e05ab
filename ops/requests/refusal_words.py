"""Why a request was refused, in words for the operator, from what its line in the log says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reelgate.domain import errors
from reelgate.domain.files.sizes import exact_size

Refusal = Mapping[str, Any]

_FIELDS = {
    "filename": "a plain name of at most 1024 bytes in UTF-8, without '/', '\\' and control characters",
    "size": "a whole number of bytes, 1 or more",
    "content_type": "a media type such as video/mp4",
    "crc32c": "the base64 of the four bytes, big-endian",
    "title": "one line of 1 to 200 characters",
    "limit": "a whole number from 1 to 1000",
    "cursor": "the `next_cursor` of the same list, with the same filters",
    "Idempotency-Key": "1 to 255 visible ASCII characters",
    "email": "an e-mail address such as ada@example.org",
}
"""What the fields must be that are most often wrong."""


def why(code: str, refusal: Refusal) -> str:
    """Return why, as far as the code and the numbers of a refusal say it."""
    words = _WORDS.get(code)
    if words is not None:
        return words(refusal)
    return f"{_MESSAGES.get(code, code)}."


def _storage(refusal: Refusal) -> str:
    return (
        f"{_asked(refusal)}, and {_left(refusal)} of {_size(refusal, 'limit')} were left in the user's storage: "
        f"{_size(refusal, 'used')} were stored, and {_size(refusal, 'reserved')} reserved by open uploads."
    )


def _bandwidth(refusal: Refusal) -> str:
    again = f" Possible again from {refusal['retry_at']}." if refusal.get("retry_at") else ""
    return (
        f"{_asked(refusal)}, and {_left(refusal)} of {_size(refusal, 'limit')} were left of the user's day: "
        f"{_size(refusal, 'used')} were uploaded or streamed, and {_size(refusal, 'reserved')} reserved by open uploads.{again}"
    )


def _too_large(refusal: Refusal) -> str:
    return f"{_asked(refusal)}, more than the {_size(refusal, 'limit')} that this deployment takes in one file or body."


def _invalid(refusal: Refusal) -> str:
    fields = refusal.get("fields") or []
    if not fields:
        return "The body was missing or cannot be read: it must be the JSON, or the form, that docs/api.md shows for the route."
    rules = "".join(f" `{field}` must be {_FIELDS[field]}." for field in fields if field in _FIELDS)
    named = ", ".join(f"`{field}`" for field in fields)
    return f"Missing, unknown, or with a value that is not allowed: {named}.{rules} The answer said which."


def _attempts(refusal: Refusal) -> str:
    again = refusal.get("retry_after_seconds", "?")
    return f"Too many attempts from this address or on this account; the next one is allowed after {again} seconds."


def _requests(refusal: Refusal) -> str:
    limit, again = (refusal.get(name, "?") for name in ("limit", "retry_after_seconds"))
    return (
        f"The user, or the client's address on a route without a token, has made more than {limit} requests of this kind in a "
        f"minute (docs/limits.md, Requests); the next one is allowed after {again} seconds."
    )


def _chunks(refusal: Refusal) -> str:
    return f"The upload was to be completed, but these chunks had not arrived: {refusal.get('missing')}."


def _asked(refusal: Refusal) -> str:
    requested = refusal.get("requested")
    return "The request was too large" if requested is None else f"The request was for {_size(refusal, 'requested')}"


def _left(refusal: Refusal) -> str:
    limit, used, reserved = (int(refusal.get(name, 0)) for name in ("limit", "used", "reserved"))
    return exact_size(max(0, limit - used - reserved))


def _size(refusal: Refusal, name: str) -> str:
    """Return a size to the byte: a sentence compares it with others."""
    size = refusal.get(name)
    return exact_size(size) if isinstance(size, int) else "an unknown number of bytes"


def _said(sentence: str) -> Callable[[Refusal], str]:
    return lambda _: sentence


_WORDS: dict[str, Callable[[Refusal], str]] = {
    errors.InvalidRequest.code: _invalid,
    errors.StorageLimitExceeded.code: _storage,
    errors.BandwidthLimitExceeded.code: _bandwidth,
    errors.TooLarge.code: _too_large,
    errors.TooManyAttempts.code: _attempts,
    errors.TooManyRequests.code: _requests,
    errors.ChunksMissing.code: _chunks,
    errors.TooManyOpenUploads.code: _said(
        "The user has as many open uploads as are allowed. Each ends when its object arrives, when it is cancelled, or when it "
        "expires."
    ),
    errors.UnsupportedType.code: _said(
        "This deployment does not store the content type, or it does not fit the ending of the file's name (docs/media.md)."
    ),
    errors.NameTaken.code: _said("A video or an open upload of the user has this file name."),
    errors.IdempotencyMismatch.code: _said("The Idempotency-Key was used before, for another request."),
    errors.UploadFinished.code: _said("The upload was over: its events are below."),
    errors.Unauthorized.code: _said("The token was missing, expired or revoked, or is not one of a trusted issuer."),
    errors.Forbidden.code: _said("The user's role does not allow this (for uploads: REELGATE_UPLOAD_ROLES)."),
    errors.AccountDisabled.code: _said("An admin has disabled the account."),
    errors.UploadNotFound.code: _said("The user never had an upload with this id. It may be somebody else's."),
    "not_found": _said("The API has no such path."),
    "method_not_allowed": _said("The path exists, but not with this method."),
    "body_incomplete": _said("The client ended the connection before the body had arrived."),
}


def _kinds(kind: type[errors.ReelgateError]) -> set[type[errors.ReelgateError]]:
    return {kind}.union(*(_kinds(inner) for inner in kind.__subclasses__()))


_MESSAGES = {kind.code: kind.message for kind in _kinds(errors.ReelgateError)}
