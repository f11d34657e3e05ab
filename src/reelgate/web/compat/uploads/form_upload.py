"""POST /upload with a form (video storage): a small file that passes through the function."""

from __future__ import annotations

import hashlib
from typing import Protocol

from starlette.responses import Response

from reelgate.domain.files import names
from reelgate.domain.media.media_types import media_type_for
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.send_form_file import send_form_file
from reelgate.use_cases.uploads.upload_request import UploadRequest, check_role
from reelgate.web.compat.uploads.forms import FileForm, with_file_form
from reelgate.web.compat.uploads.upload_answers import alert_fields
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.calls import Call


class Services(CommitServices, HasFunctionName, HasIds, HasUserLookup, Protocol):
    """What this route needs."""


async def post_form(call: Call[Services]) -> Response:
    """Store a file that comes with the request."""
    check_role(call.caller, call.services.policy)  # before the body is read

    async def store(form: FileForm) -> Response:
        return await _store(call, form)

    instead = "ask POST /upload with JSON for a signed URL"
    return await with_file_form(call, "file", store, missing="No file part", instead=instead)


async def _store(call: Call[Services], form: FileForm) -> Response:
    name = names.clean_filename(form.name, field="file")
    key = call.idempotency_key()
    upload_request = UploadRequest(
        filename=name,
        size=form.size,
        content_type=media_type_for(name, form.file.content_type, field="file"),
        title=names.clean_title(form.fields.get("title")),
        idempotency_key=key,
        digest=await _digest(form) if key else None,
    )
    call.note(filename=name, size=form.size, content_type=upload_request.content_type, by_form=True)
    stored = await send_form_file(call.services, call.caller, upload_request, form.file.file, audit=call.audit)
    call.note(file_id=stored.file_id)
    limits = stored.account.limits(call.services.policy.default_limits)
    shown = {"message": "File uploaded successfully", "file_id": stored.file_id, "filename": name, "size": form.size}
    return as_json({**alert_fields(stored.account, limits), **shown})


async def _digest(form: FileForm) -> str:
    """Return the SHA-256 of the file's bytes."""
    digest = hashlib.sha256()
    await form.consume(digest.update)
    return digest.hexdigest()
