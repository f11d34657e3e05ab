"""A client of the chunked protocol, with requests as the older service documents them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.e2e.people import Person


def cut(data: bytes, size: int) -> list[bytes]:
    """Return data in chunks of `size` bytes, the last one what is left."""
    return [data[at : at + size] for at in range(0, len(data), size)]


class ChunkedUpload:
    """One session of a person's."""

    def __init__(self, person: Person, name: str, main_service_file_id: int | str = 123) -> None:
        self.person = person
        self.file_id = main_service_file_id
        body = {"main_service_file_id": main_service_file_id, "original_file_name": name}
        answer = person.api.post("/upload/init", json=body)
        assert answer.status_code == 200, answer.text
        begun = answer.json()
        assert (begun["status"], begun["message"]) == ("success", "Upload session initialized.")
        self.id: str = begun["data"]["upload_session_id"]

    def send(self, index: int, data: bytes) -> httpx.Response:
        """Send a chunk through the function."""
        fields = {"upload_session_id": self.id, "chunk_index": str(index)}
        return self.person.api.post("/upload/chunk", data=fields, files={"chunk": ("blob", data)})

    def send_all(self, chunks: Iterable[tuple[int, bytes]], *, at_once: int = 8) -> list[httpx.Response]:
        """Send chunks in parallel."""
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda item: self.send(*item), chunks))

    def urls(self, chunks: Sequence[Mapping[str, Any]]) -> httpx.Response:
        """Ask for signed URLs."""
        return self.person.api.post("/upload/chunk-urls", json={"upload_session_id": self.id, "chunks": chunks})

    def put(self, signed: Mapping[str, Any], data: bytes) -> httpx.Response:
        """Send a chunk straight to the bucket."""
        return self.person.storage.request(signed["method"], signed["url"], headers=signed["headers"], content=data)

    def complete(self, total: int, **more: object) -> httpx.Response:
        """Complete the upload."""
        body = {"upload_session_id": self.id, "total_chunks": total, "main_service_file_id": self.file_id}
        return self.person.api.post("/upload/complete", json=body | more)

    def delete(self) -> httpx.Response:
        """Cancel the upload, or delete its file."""
        return self.person.api.request("DELETE", "/upload/file", json={"upload_session_id": self.id})

    def status(self) -> dict[str, Any]:
        """Return the upload as it stands."""
        status: dict[str, Any] = self.person.api.get(f"/v1/uploads/{self.id}").json()
        return status


def stored_bytes(person: Person, name: str) -> bytes:
    """Return a file's bytes as a player gets them."""
    url = person.api.get(f"/stream/direct/{name}").json()["url"]
    return person.storage.get(url).raise_for_status().content


def objects_below(cloud: Mapping[str, str], prefix: str) -> list[str]:
    """Return the names of the objects in the media bucket that begin with `prefix`."""
    url = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    return [item["name"] for item in httpx.get(url, params={"prefix": prefix}).json().get("items", [])]
