"""XML API: the list of a bucket's objects."""

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import xml_answer, xml_element
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.downloads.object_answer import xml_etag
from localcloud.gcs.services import Services
from localcloud.gcs.store.listing import PAGE_LIMIT, ListQuery, list_objects
from localcloud.gcs.store.metadata.records import StoredObject
from localcloud.gcs.xml_api.resource import Resource


async def list_bucket(services: Services, call: Call, resource: Resource) -> StreamResponse:
    """GET of a bucket, with prefix, delimiter, marker and max-keys."""
    query = call.query
    services.buckets.get(resource.bucket)
    limit = query.get("max-keys", str(PAGE_LIMIT))
    if not (limit.isascii() and limit.isdigit() and int(limit) > 0):
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid max-keys: {limit}")
    marker = query.get("marker", "")
    page = list_objects(
        services.database,
        ListQuery(
            bucket=resource.bucket,
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            start_offset=f"{marker}\0" if marker else "",
            max_results=min(int(limit), PAGE_LIMIT),
        ),
    )
    last = max([stored.name for stored in page.objects[-1:]] + page.prefixes[-1:], default="")
    inner = xml_element("Name", resource.bucket) + xml_element("Prefix", query.get("prefix", ""))
    inner += xml_element("Marker", marker) + xml_element("IsTruncated", str(bool(page.next_page_token)).lower())
    inner += xml_element("NextMarker", last) if page.next_page_token else ""
    inner += "".join(_contents(stored) for stored in page.objects)
    inner += "".join(f"<CommonPrefixes>{xml_element('Prefix', prefix)}</CommonPrefixes>" for prefix in page.prefixes)
    return xml_answer("ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'", inner)


def _contents(stored: StoredObject) -> str:
    elements = {
        "Key": stored.name,
        "Generation": str(stored.generation),
        "MetaGeneration": str(stored.metageneration),
        "LastModified": stored.updated,
        "ETag": xml_etag(stored),
        "Size": str(stored.content.size),
    }
    return "<Contents>" + "".join(xml_element(name, text) for name, text in elements.items()) + "</Contents>"
