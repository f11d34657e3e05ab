"""Base classes of all errors, and how a request's wrong fields are named all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, cast


class ReelgateError(Exception):
    """Base of every error a caller can act on.

    Attributes:
        code: stable, for programs.
        message: a short sentence about the kind of error.
        detail: a sentence that may be shown to an end user: in human units, without paths or field names of the API.
        hint: for the developer of a client: which field, what to call next. None where `detail` says it all.
    """

    code = "error"
    message = "Error"
    hint: str | None = None

    def __init__(self, detail: str = "", *, hint: str | None = None) -> None:
        super().__init__(detail or self.message)
        self.detail = detail
        if hint is not None:  # otherwise the kind's own
            self.hint = hint


class Unauthorized(ReelgateError):
    code = "unauthorized"
    message = "Unauthorized"


class Forbidden(ReelgateError):
    code = "forbidden"
    message = "Forbidden"


class FieldError(NamedTuple):
    """What is wrong with one field of a request, as a sentence for people. `field` may be a path: `parts[2].size`."""

    field: str
    message: str


class InvalidRequest(ReelgateError):
    """One or more fields are missing or invalid, or the request as a whole is.

    `errors` has all fields that are wrong, `field` the name of the first. `message` replaces the usual one where an older
    service has a sentence of its own.
    """

    code = "invalid_request"
    message = "Invalid request"

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        message: str | None = None,
        hint: str | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(detail, hint=hint)
        self.errors = tuple(errors) or ((FieldError(field, detail),) if field is not None else ())
        self.field = self.errors[0].field if self.errors else None
        if message is not None:
            self.message = message

    @classmethod
    def of_fields(cls, detail: str, *fields: str) -> InvalidRequest:
        """Return the error of several fields that are wrong for the same reason, such as contradicting each other."""
        return cls(detail, errors=[FieldError(field, detail) for field in fields])


class FieldChecks:
    """Checks of several fields of one request; see `collect`."""

    def __init__(self) -> None:
        self._failed: list[InvalidRequest] = []

    @property
    def failed(self) -> bool:
        """Whether a check has failed: a check that needs the values of others is skipped then."""
        return bool(self._failed)

    def add(self, error: InvalidRequest) -> None:
        """Note an error, to be raised with the others."""
        self._failed.append(error)

    def check[**P, T](self, clean: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `clean` returns, or note its InvalidRequest.

        After a failed check there is no value: the result is None whatever its type says, and must only be used behind the
        `collect` block, which nothing gets past then.
        """
        try:
            return clean(*args, **kwargs)
        except InvalidRequest as error:
            self.add(error)
            return cast("T", None)

    def raise_failed(self) -> None:
        """Raise the error that names all wrong fields, if there are any. A single error is raised as it is."""
        if not self._failed:
            return
        if len(self._failed) == 1:
            raise self._failed[0]
        hints = dict.fromkeys(error.hint for error in self._failed if error.hint)
        raise InvalidRequest(
            " ".join(error.detail for error in self._failed),
            hint=" ".join(hints) or None,
            errors=[one for error in self._failed for one in error.errors],
        )


@contextmanager
def collect() -> Iterator[FieldChecks]:
    """Check several fields, and name all the wrong ones in one error at the end of the block.

        with collect() as fields:
            filename = fields.check(clean_filename, body.filename)
            size = fields.check(clean_size, body.size)

    Any other error than InvalidRequest is raised at once.

    Raises:
        InvalidRequest: at the end of the block, if a check failed.
    """
    checks = FieldChecks()
    yield checks
    checks.raise_failed()


_WORDS = {
    "content_type": "file type",
    "crc32c": "checksum",
    "email": "e-mail address",
    "expires_at": "time of expiry",
    "file": "file",
    "filename": "file name",
    "from": "beginning",
    "original_file_name": "file name",
    "to": "end",
    "username": "user name",
}


def in_words(field: str) -> str:
    """Return a field's name as a sentence for people has it: `storage_limit_bytes` is the storage limit."""
    return _WORDS.get(field) or field.removesuffix("_bytes").replace("_", " ")


class NotFound(ReelgateError):
    code = "not_found"
    message = "Not found"


class Conflict(ReelgateError):
    code = "conflict"
    message = "Conflict"


class Unavailable(ReelgateError):
    """It could not be done, or the outcome is unknown. Retrying after `retry_after_seconds` is safe with an Idempotency-Key,
    and always safe for events."""

    code = "unavailable"
    message = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.retry_after_seconds = retry_after_seconds
