"""What can go wrong, as one tree of errors.

ReelgateError
├── NotReachable          no answer: the network, the server or the bucket is away (`network`, `storage_unavailable`)
├── UnexpectedAnswer      an answer that is not one of Reelgate's
├── Refused               the API refused: `code`, `detail` and `hint` are those of docs/api.md
│   ├── NotSignedIn       no credentials, or they are over
│   ├── LimitReached      a limit of the account or of the deployment
│   ├── NotFound          no such thing, or not yours
│   └── Conflict          the thing is there already, or in another state
└── TransferError         a transfer cannot go on
    ├── FileChanged       the file was written to while it was sent
    ├── ChecksumMismatch  the bytes that arrived are not those that were sent
    ├── UploadEnded       the upload was cancelled, rejected, or has expired
    └── LocalFileError    this machine cannot read or write the file: no room, no permission
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ReelgateError(Exception):
    """Anything that this library raises. `str(error)` is a sentence for end users.

    Attributes:
        code: what happened, for programs.
        detail: a sentence for people.
        hint: advice for developers.
        status: the HTTP status, if there was an answer.
        request_id: what support needs to find the request.
        retry_after: seconds to wait before the same request can succeed.
        problem: the whole answer.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.problem: Mapping[str, Any] = problem or {}


class NotReachable(ReelgateError):
    """No answer came, or none but temporary failures.

    Attributes:
        sent: whether the request may have been carried out all the same.
    """

    def __init__(self, code: str, detail: str, *, sent: bool = True, **more: Any) -> None:
        super().__init__(code, detail, **more)
        self.sent = sent


class UnexpectedAnswer(ReelgateError):
    """The answer is not one of Reelgate's: another server, or a proxy in between."""


class Refused(ReelgateError):
    """The API refused the request."""


class NotSignedIn(Refused):
    """There are no credentials, or they are wrong, expired or revoked."""


class LimitReached(Refused):
    """A limit of the account, of the deployment, or of the rate of requests."""


class NotFound(Refused):
    """There is no such thing, or it belongs to another user."""


class Conflict(Refused):
    """The thing exists already, or is in a state that does not allow this."""


class TransferError(ReelgateError):
    """A transfer cannot go on."""


class FileChanged(TransferError):
    """The file was written to while it was sent."""


class ChecksumMismatch(TransferError):
    """The bytes that arrived are not those that were sent."""


class UploadEnded(TransferError):
    """The upload was cancelled, rejected, or has expired."""


class LocalFileError(TransferError):
    """This machine cannot read or write the file."""
