"""The short sentences of errors: those of the older services, and our own. Rewording one changes the API."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.web.http.calls import Call, Route
from tests.fixtures.api_client import ApiClient
from tests.fixtures.memory_services import MemoryServices


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.BooksBusy(), "Usage record couldn't be inserted or updated..!!"),
        (errors.BooksSlow(), "Usage record couldn't be inserted or updated..!!"),
        (errors.Unavailable(), "Temporarily unavailable"),
        (errors.VideoNotFound("None."), "File not found in user's storage"),
        (errors.UserStorageNotFound("None."), "User storage not found"),
        (errors.NameTaken("Taken."), "File with the same name already exists."),
        (errors.InvalidRequest("Wrong.", message="No file part"), "No file part"),
        (errors.UploadIsChunked("Chunks."), "The upload takes chunks"),
        (errors.UploadSealed("Sealed."), "The upload takes no more chunks"),
        (errors.ChunkDiffers("Differs."), "The chunk is not the one that was sent before"),
        (errors.AudioImpossible("None.", reason="no_audio"), "There can be no MP3 of this file"),
        (errors.NotPackaged("None.", reason="codec"), "This video does not play in pieces"),
        (errors.ChannelGone("Gone."), "There is no such channel any more"),
        (errors.OwnAccount("Own."), "Not on your own account"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_an_error_is_answered_with_its_sentence(
    services: MemoryServices, error: errors.ReelgateError, message: str
) -> None:
    async def handler(_: Call) -> Response:
        raise error

    async with ApiClient(services, routes=[Route("POST", "/ask", handler)]) as client:
        assert (await client.post("/ask")).json()["error"] == message
