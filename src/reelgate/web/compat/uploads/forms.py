"""Forms with a file: limited in size, in time, in how slowly they may arrive, and in how many are read at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.files.sizes import human_sizes
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasPolicy
from reelgate.web.http.bodies import BodyTurns, bounded, paced
from reelgate.web.http.calls import Call

FORM_OVERHEAD_BYTES = 64 * 1024
FORMS_AT_ONCE = 4
FORM_SECONDS = 120
PIECE_BYTES = 1024 * 1024
# A form is spooled to /tmp, which is memory on Cloud Run. Further forms wait, unread.
_TURNS = BodyTurns(FORMS_AT_ONCE)


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
        RequestTooSlow: it arrives more slowly than this deployment allows.
        Unavailable: it got no turn, or did not arrive in time.
    """
    try:
        async with (
            _TURNS.turn(call.caller.uid, per_user=call.services.policy.forms_per_user, instead=instead),
            asyncio.timeout(FORM_SECONDS),
        ):
            return await _take(call, part, work, missing, instead)
    except TimeoutError:
        raise errors.Unavailable(
            "The file did not arrive in time. Send it again.", hint=f"Send it again, or {instead}."
        ) from None


async def _take(
    call: Call[HasPolicy], part: str, work: Callable[[FileForm], Awaitable[Response]], missing: str | None, instead: str
) -> Response:
    policy = call.services.policy
    limit = policy.form_upload_max_bytes
    request = bounded(paced(call.request, policy.form_min_bytes_per_second, instead=instead), limit + FORM_OVERHEAD_BYTES)
    try:
        async with request.form(max_files=1, max_fields=10, max_part_size=FORM_OVERHEAD_BYTES) as fields:
            file = fields.get(part)
            if not isinstance(file, UploadFile) or not file.filename:
                hint = f"Send the file as the form's part '{part}', with a file name."
                raise errors.InvalidRequest("The file is missing.", field=part, message=missing, hint=hint)
            size = file.size or 0
            if size > limit:
                too_much, most = human_sizes(size, limit)
                detail = f"This file is {too_much}; at most {most} can be sent this way."
                raise errors.TooLarge(detail, limit=limit, requested=size, hint=f"For more, {instead}.")
            if size == 0:
                raise errors.InvalidRequest("The file is empty.", field=part)
            return await work(FileForm(fields=fields, file=file, name=file.filename, size=size))
    except (MultiPartException, HTTPException) as error:
        hint = error.message if isinstance(error, MultiPartException) else error.detail
        raise errors.InvalidRequest("The form cannot be read.", field=part, message=missing, hint=hint) from None
