"""Uploads, as the API has them. `client.upload` sends whole files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reelgate_client.aio.api import AsyncApi
from reelgate_client.core.calls import Call, given
from reelgate_client.models import CheckedSizes, SignedParts, Upload, UploadList


class AsyncUploadsApi:
    """The uploads of the account."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api

    async def create(
        self,
        filename: str,
        size: int,
        *,
        content_type: str | None = None,
        crc32c: str | None = None,
        title: str | None = None,
        start: str | None = None,
        part_size: int | None = None,
        idempotency_key: str | None = None,
    ) -> Upload:
        """Reserve a name and bytes. `start` is `client`, `server` or `parts`.

        Raises:
            LimitReached: there is no room for it.
            Conflict: the name is taken (`name_taken`), or the upload of this idempotency key is over (`upload_finished`).
        """
        more = given(content_type=content_type, crc32c=crc32c, title=title, start=start, part_size=part_size)
        body = {"filename": filename, "size": size, **more}
        call = Call(method="POST", path="/v1/uploads", body=body, idempotency_key=idempotency_key)
        return await self._api.fetch(Upload, call)

    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> UploadList:
        """List open uploads, oldest first."""
        query = {"limit": limit, "cursor": cursor}
        return await self._api.fetch(UploadList, Call(method="GET", path="/v1/uploads", query=query))

    async def check(self, sizes: Sequence[int]) -> CheckedSizes:
        """Return what of these sizes could be uploaded now. Nothing is reserved."""
        call = Call(method="POST", path="/v1/uploads/check", body={"sizes": list(sizes)}, repeatable=True)
        return await self._api.fetch(CheckedSizes, call)

    async def get(self, upload_id: str) -> Upload:
        """Show an upload, open or as it ended."""
        return await self._api.fetch(Upload, _one("GET", "", upload_id))

    async def cancel(self, upload_id: str) -> None:
        """Give its name and bytes back. Cancelling twice is the same as once."""
        await self._api.send(_one("DELETE", "", upload_id))

    async def resume(self, upload_id: str) -> Upload:
        """Return how to go on with it: with its session, or with a new one if that has ended."""
        return await self._api.fetch(Upload, _one("POST", "/resume", upload_id))

    async def sign_parts(self, upload_id: str, checksums: Mapping[int, str | None]) -> SignedParts:
        """Return the requests that send parts, up to 100, by index. With a CRC32C, the bucket takes no other bytes."""
        parts = [{"index": index, **given(crc32c=crc32c)} for index, crc32c in checksums.items()]
        return await self._api.fetch(SignedParts, _one("POST", "/parts", upload_id, {"parts": parts}))

    async def complete(self, upload_id: str, *, crc32c: str | None = None) -> Upload:
        """End an upload whose bytes have all been sent, and return its outcome.

        Raises:
            Conflict: parts are missing (`chunks_missing`), bytes are (`upload_incomplete`), it is over (`upload_finished`),
                or the file is not as announced (`chunk_differs`).
        """
        return await self._api.fetch(Upload, _one("POST", "/complete", upload_id, given(crc32c=crc32c)))


def _one(method: str, verb: str, upload_id: str, body: Mapping[str, object] | None = None) -> Call:
    path = "/v1/uploads/{upload_id}" + verb
    return Call(method=method, path=path, variables={"upload_id": upload_id}, body=body, repeatable=True)
