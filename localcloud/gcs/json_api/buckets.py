"""JSON API: buckets."""

from typing import Any

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.conditions import Representation
from localcloud.gcs.http.refusals import refuse_bucket_settings
from localcloud.gcs.json_api.acls import without_acls
from localcloud.gcs.json_api.objects import page_size
from localcloud.gcs.services import Services
from localcloud.gcs.store.metadata.preconditions import Preconditions


async def create(services: Services, call: Call) -> StreamResponse:
    """POST /storage/v1/b?project=..."""
    document = await _document(call)
    name = document.get("name")
    if not isinstance(name, str):
        raise StorageError(Refusal.REQUIRED, "Required: name")
    return json_answer(_linked(services.buckets.create(name, document), call))


async def list_all(services: Services, call: Call) -> StreamResponse:
    """GET /storage/v1/b: every bucket of every project."""
    prefix, after = call.query.get("prefix", ""), call.query.get("pageToken", "")
    limit = page_size(call.query)
    found = [bucket for bucket in services.buckets.all() if bucket["name"].startswith(prefix) and bucket["name"] > after]
    document: dict[str, Any] = {"kind": "storage#buckets"}
    if found:
        document["items"] = [_linked(bucket, call) for bucket in found[:limit]]
    if len(found) > limit:
        document["nextPageToken"] = found[limit - 1]["name"]
    return json_answer(document)


async def get(services: Services, call: Call, bucket: str) -> StreamResponse:
    """GET /storage/v1/b/BUCKET"""
    found = services.buckets.get(bucket)
    Preconditions.from_query(call.query).check_read(_Version(found))
    Representation(found["etag"]).check_read(call.headers)
    return json_answer(_linked(found, call))


async def patch(services: Services, call: Call, bucket: str) -> StreamResponse:
    """PATCH /storage/v1/b/BUCKET"""
    _check_version(services, call, bucket)
    return json_answer(_linked(services.buckets.change(bucket, await _document(call)), call))


async def update(services: Services, call: Call, bucket: str) -> StreamResponse:
    """PUT /storage/v1/b/BUCKET"""
    _check_version(services, call, bucket)
    return json_answer(_linked(services.buckets.change(bucket, await _document(call), replace=True), call))


async def delete(services: Services, call: Call, bucket: str) -> StreamResponse:
    """DELETE /storage/v1/b/BUCKET"""
    _check_version(services, call, bucket)
    services.buckets.delete(bucket)
    return empty_answer(204)


async def storage_layout(services: Services, call: Call, bucket: str) -> StreamResponse:
    """GET /storage/v1/b/BUCKET/storageLayout: gcloud uses it to check for real folders (there are none)."""
    found = services.buckets.get(bucket)
    layout = {key: found[key] for key in ("location", "locationType")}
    return json_answer({"kind": "storage#storageLayout", "bucket": bucket, **layout})


async def no_folders(services: Services, call: Call, bucket: str) -> StreamResponse:
    """GET /storage/v1/b/BUCKET/managedFolders and /folders: gcloud lists them before it removes a bucket."""
    services.buckets.get(bucket)
    return json_answer({"kind": f"storage#{call.target.raw_path.rsplit('/', 1)[-1]}"})


async def test_permissions(services: Services, call: Call, bucket: str) -> StreamResponse:
    """GET /storage/v1/b/BUCKET/iam/testPermissions: here the JSON API permits everything to every caller."""
    services.buckets.get(bucket)
    return json_answer({"kind": "storage#testIamPermissionsResponse", "permissions": call.target.all("permissions")})


def _check_version(services: Services, call: Call, bucket: str) -> None:
    found = services.buckets.get(bucket)
    Preconditions.from_query(call.query).check_write(_Version(found))
    Representation(found["etag"]).check_write(call.headers)


async def _document(call: Call) -> dict[str, Any]:
    document = await call.document()
    refuse_bucket_settings(document)
    return without_acls(document)


class _Version:
    """A bucket as preconditions see it: it has no generations."""

    generation = 0

    def __init__(self, bucket: dict[str, Any]) -> None:
        self.metageneration = int(bucket["metageneration"])


def _linked(bucket: dict[str, Any], call: Call) -> dict[str, Any]:
    return {**bucket, "selfLink": f"{call.base_url}/storage/v1/b/{bucket['name']}"}
