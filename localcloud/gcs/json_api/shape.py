"""What all JSON answers have in common: `fields`, `projection` and the ETag header."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp.web import StreamResponse

from localcloud.gcs.http.answers import JsonAnswer
from localcloud.gcs.json_api.acls import is_uniform, wants_acls, with_acls
from localcloud.gcs.json_api.selection import Selection, parse_fields, select
from localcloud.gcs.store.buckets import Buckets

TAGGED = frozenset({"storage#object", "storage#bucket"})


@dataclass(frozen=True)
class Shape:
    """How the client wants its answer."""

    selection: Selection
    with_acls: bool

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Shape":
        """Read the parameters, before anything is done. Raises StorageError (400) for invalid ones."""
        return cls(parse_fields(query["fields"]) if query.get("fields") else {}, wants_acls(query.get("projection")))

    def applied(self, answer: StreamResponse, buckets: Buckets) -> StreamResponse:
        """Return the answer in this shape; errors and other content are returned unchanged."""
        if not isinstance(answer, JsonAnswer) or answer.status >= 300:
            return answer
        if answer.document.get("kind") in TAGGED and "etag" in answer.document:
            answer.headers["ETag"] = answer.document["etag"]
        if self.with_acls:
            answer.document = _full(answer.document, buckets)
        if self.selection:
            answer.document = select(answer.document, self.selection)
        return answer


def _full(document: dict[str, Any], buckets: Buckets) -> dict[str, Any]:
    if document.get("kind") in TAGGED:
        bucket = document if document["kind"] == "storage#bucket" else buckets.find(document["bucket"])
        return document if is_uniform(bucket) else with_acls(document)
    changed = dict(document)
    if "items" in document:
        changed["items"] = [_full(item, buckets) for item in document["items"]]
    if "resource" in document:
        changed["resource"] = _full(document["resource"], buckets)
    return changed
