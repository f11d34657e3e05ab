"""The short sentences of the older services, as their clients know them."""

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
        (errors.FileNotFound("None."), "File not found in user's storage"),
        (errors.UserStorageNotFound("None."), "User storage not found"),
        (errors.NameTaken("Taken."), "File with the same name already exists."),
        (errors.InvalidRequest("Wrong.", message="No file part"), "No file part"),
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
