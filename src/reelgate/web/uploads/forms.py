"""Forms with a file: limited in size, in time, and in how many are read at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasPolicy
from reelgate.web.http.calls import Call, bounded

FORM_OVERHEAD_BYTES = 64 * 1024
FORMS_AT_ONCE = 4
FORM_SECONDS = 120
PIECE_BYTES = 1024 * 1024
# A form is spooled to /tmp, which is memory on Cloud Run. Further forms wait, unread.
_FORMS = asyncio.Semaphore(FORMS_AT_ONCE)


@value_type
class FileForm:
    """A form that has arrived completely. Its file has `size` bytes, at least 1; `name` is the client's."""

    fields: FormData
    file: UploadFile
    name: str
    size: int

    async def consume(self, take: Callable[[bytes], object]) -> None:
        """Call `take` with the file's bytes, piece by piece, and rewind the file."""
        while piece := await self.file.read(PIECE_BYTES):
            take(piece)
        await self.file.seek(0)


async def with_file_form(
    call: Call[HasPolicy],
    part: str,
    work: Callable[[FileForm], Awaitable[Response]],
    *,
    missing: str | None = None,
    instead: str,
) -> Response:
    """Read the form and return what `work` answers. Reading and answering share one time limit.

    Args:
        part: the form's part that is the file.
        missing: the short message about a missing file, where an older service has its own.
        instead: how a client can send a file that is too large or too slow for a form.

    Raises:
        InvalidRequest: it is not a form with that part, or the file is empty.
        TooLarge: the file is larger than this deployment allows in a form.
        Unavailable: the form did not arrive in time.
    """
    try:
        async with _FORMS, asyncio.timeout(FORM_SECONDS):
            return await _take(call, part, work, missing, instead)
    except TimeoutError:
        raise errors.Unavailable(f"The form did not arrive in time. Send it again, or {instead}.") from None


async def _take(
    call: Call[HasPolicy], part: str, work: Callable[[FileForm], Awaitable[Response]], missing: str | None, instead: str
) -> Response:
    limit = call.services.policy.form_upload_max_bytes
    request = bounded(call.request, limit + FORM_OVERHEAD_BYTES)
    try:
        async with request.form(max_files=1, max_fields=10, max_part_size=FORM_OVERHEAD_BYTES) as fields:
            file = fields.get(part)
            if not isinstance(file, UploadFile) or not file.filename:
                detail = f"Send the file as the form's part '{part}', with a file name."
                raise errors.InvalidRequest(detail, field=part, message=missing)
            size = file.size or 0
            if size > limit:
                detail = f"A form may carry at most {limit} bytes. For more, {instead}."
                raise errors.TooLarge(detail, limit=limit, requested=size)
            if size == 0:
                raise errors.InvalidRequest("The file is empty.", field=part)
            return await work(FileForm(fields=fields, file=file, name=file.filename, size=size))
    except (MultiPartException, HTTPException) as error:
        detail = error.message if isinstance(error, MultiPartException) else error.detail
        raise errors.InvalidRequest(f"The form cannot be read: {detail}", field=part, message=missing) from None
