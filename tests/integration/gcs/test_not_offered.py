"""Everything the emulator does not do is refused by name: an operation that is ignored looks like one that was done."""

from typing import Any

import pytest

from tests.integration.gcs.conftest import WEB, Bucket

KEY = {"x-goog-encryption-algorithm": "AES256", "x-goog-encryption-key": "a", "x-goog-encryption-key-sha256": "b"}


def assert_refused(answer: Any, name: str) -> None:
    assert answer.status_code == 501, answer.text
    assert name.lower() in answer.text.lower()
    assert "not offered" in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("predefinedAcl", "publicRead"),
        ("kmsKeyName", "projects/p/locations/l/keyRings/r/cryptoKeys/k"),
        ("softDeleted", "true"),
        ("filter", 'contexts."a"="b"'),
        ("alt", "proto"),
    ],
)
def test_parameters(bucket: Bucket, name: str, value: str) -> None:
    bucket.upload("a", b"data")
    http = bucket.emulator.http
    for path in (f"/storage/v1/b/{bucket.name}/o", f"/storage/v1/b/{bucket.name}/o/a"):
        assert_refused(http.get(path, params={name: value}), name)
    assert_refused(bucket.upload("b", b"data", **{name: value}), name)
    assert bucket.resource("b").status_code == 404


def test_parameters_that_ask_for_nothing_pass(bucket: Bucket) -> None:
    """Noncurrent versions may be asked for: there are none, because versioning cannot be turned on."""
    params = {"versions": "true", "softDeleted": "false", "alt": "json", "prettyPrint": "false", "userProject": "p"}
    assert bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o", params=params).status_code == 200


def test_versioning_of_a_bucket(bucket: Bucket) -> None:
    http, on = bucket.emulator.http, {"versioning": {"enabled": True}}
    assert_refused(http.post("/storage/v1/b", json={"name": "versioned-bucket", **on}), "versioning")
    assert_refused(http.patch(f"/storage/v1/b/{bucket.name}", json=on), "versioning")
    assert http.patch(f"/storage/v1/b/{bucket.name}", json={"versioning": {"enabled": False}}).status_code == 200


def test_keys_of_customers(bucket: Bucket) -> None:
    bucket.upload("a", b"data")
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    assert_refused(http.get(f"{base}/a", params={"alt": "media"}, headers=KEY), "x-goog-encryption-")
    source = {"x-goog-copy-source-encryption-algorithm": "AES256"}
    assert_refused(http.post(f"{base}/a/rewriteTo/b/{bucket.name}/o/b", headers=source), "x-goog-copy-source-encryption-")
    upload = f"/upload/storage/v1/b/{bucket.name}/o"
    assert_refused(http.post(upload, params={"uploadType": "resumable", "name": "a"}, headers=KEY), "x-goog-encryption-")
    url = bucket.emulator.signed("PUT", f"/{bucket.name}/a", headers=KEY)
    assert_refused(WEB.put(url, content=b"new", headers=KEY), "x-goog-encryption-")
    assert bucket.bytes_of("a") == b"data"


@pytest.mark.parametrize("name", ["x-goog-acl", "x-goog-copy-source", "x-goog-object-lock-mode", "x-goog-metadata-directive"])
def test_headers_of_the_xml_api(bucket: Bucket, name: str) -> None:
    url = bucket.emulator.signed("PUT", f"/{bucket.name}/a", headers={name: "value"})
    assert_refused(WEB.put(url, content=b"data", headers={name: "value"}), name)
    assert bucket.resource("a").status_code == 404


@pytest.mark.parametrize("name", ["list-type", "versions", "encoding-type", "uploads", "acl", "object-lock"])
def test_parameters_of_the_xml_api(bucket: Bucket, name: str) -> None:
    assert_refused(WEB.get(bucket.emulator.signed("GET", f"/{bucket.name}", query={name: "2"})), name)


@pytest.mark.parametrize(
    "document",
    [
        {"retention": {"mode": "Locked", "retainUntilTime": "2030-01-01T00:00:00Z"}},
        {"contexts": {"custom": {"a": {"value": "b"}}}},
        {"kmsKeyName": "projects/p"},
        {"acl": [{"entity": "allUsers", "role": "READER"}]},
    ],
)
def test_fields_of_an_object(bucket: Bucket, document: dict[str, Any]) -> None:
    bucket.upload("a", b"data")
    (name,) = document
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    assert_refused(http.patch(f"{base}/a", json=document), name)
    assert_refused(http.put(f"{base}/a", json=document), name)
    assert_refused(http.post(f"{base}/a/rewriteTo/b/{bucket.name}/o/b", json=document), name)
    opened = http.post(f"/upload{base}", params={"uploadType": "resumable", "name": "b"}, json=document)
    assert_refused(opened, name)


@pytest.mark.parametrize(
    "path",
    [
        "acl",
        "defaultObjectAcl",
        "iam",
        "notificationConfigs",
        "lockRetentionPolicy",
        "o/a/acl",
        "o/a/restore",
        "anywhereCaches",
    ],
)
def test_operations(bucket: Bucket, path: str) -> None:
    bucket.upload("a", b"data")
    assert_refused(bucket.emulator.http.post(f"/storage/v1/b/{bucket.name}/{path}", json={}), path.rsplit("/", 1)[-1])


def test_lists_of_objects_are_no_objects(bucket: Bucket) -> None:
    assert_refused(bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o/a/acl"), "acl")
    assert_refused(bucket.emulator.http.delete(f"/storage/v1/b/{bucket.name}/o/a/acl/allUsers"), "acl")
    bucket.upload("a/acl", b"data")
    assert bucket.bytes_of("a%2Facl") == b"data"


def test_operations_of_a_project(bucket: Bucket) -> None:
    http = bucket.emulator.http
    assert_refused(http.get("/storage/v1/projects/p/hmacKeys"), "hmacKeys")
    assert_refused(http.get("/storage/v1/projects/p/serviceAccount"), "serviceAccount")


def test_full_projection_shows_the_lists_and_uniform_buckets_have_none(bucket: Bucket) -> None:
    bucket.upload("a", b"data")
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}"
    full = {"projection": "full"}
    shown = http.get(f"{base}/o/a", params=full).json()
    assert [(entry["entity"], entry["role"]) for entry in shown["acl"]] == [
        ("project-owners-0", "OWNER"),
        ("project-editors-0", "OWNER"),
        ("project-viewers-0", "READER"),
    ]
    assert "acl" in http.get(f"{base}/o", params=full).json()["items"][0]
    assert {"acl", "defaultObjectAcl", "owner"} <= set(http.get(base, params=full).json())
    for params in ({}, {"projection": "noAcl"}):
        assert not {"acl", "owner"} & set(http.get(f"{base}/o/a", params=params).json())
    assert http.put(f"{base}/o/a", params=full, json=shown).status_code == 200
    http.patch(base, json={"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}})
    assert not {"acl", "owner"} & set(http.get(f"{base}/o/a", params=full).json())
    assert http.get(base, params={"projection": "some"}).status_code == 400


def test_fields(bucket: Bucket) -> None:
    for name in ("a", "b/1"):
        bucket.upload(name, b"data")
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    assert http.get(f"{base}/a", params={"fields": "name,size"}).json() == {"name": "a", "size": "4"}
    listed = {"fields": "items(name),prefixes,nextPageToken", "delimiter": "/"}
    assert http.get(base, params=listed).json() == {"items": [{"name": "a"}], "prefixes": ["b/"]}
    assert http.get(base, params={"fields": "items/size"}).json() == {"items": [{"size": "4"}, {"size": "4"}]}
    rewritten = http.post(f"{base}/a/rewriteTo/b/{bucket.name}/o/c", params={"fields": "done,resource(name)"}).json()
    assert rewritten == {"done": True, "resource": {"name": "c"}}
    assert bucket.upload("d", b"data", fields="name").json() == {"name": "d"}
    session = bucket.open_session("e", params={"fields": "name"})
    assert http.put(session, content=b"data").json() == {"name": "e"}
    refused = http.post(f"/upload{base}", params={"uploadType": "media", "name": "f", "fields": "name("}, content=b"data")
    assert (refused.status_code, bucket.resource("f").status_code) == (400, 404)


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("*", ["a.mp4", "b.webm"]),
        ("**", ["a.mp4", "b.webm", "x/a.mp4", "x/y/a.mp4"]),
        ("*.mp4", ["a.mp4"]),
        ("**.mp4", ["a.mp4", "x/a.mp4", "x/y/a.mp4"]),
        ("x/*", ["x/a.mp4"]),
        ("x/**", ["x/a.mp4", "x/y/a.mp4"]),
        ("?.{mp4,webm}", ["a.mp4", "b.webm"]),
        ("[!a].*", ["b.webm"]),
        ("[a-b].*", ["a.mp4", "b.webm"]),
        ("a?mp4", ["a.mp4"]),
        ("a/mp4", []),
    ],
)
@pytest.mark.parametrize("page_size", [1, 1000])
def test_match_glob(bucket: Bucket, glob: str, names: list[str], page_size: int) -> None:
    for name in ("a.mp4", "b.webm", "x/a.mp4", "x/y/a.mp4"):
        bucket.upload(name, b"")
    params = {"matchGlob": glob, "maxResults": str(page_size)}
    found: list[str] = []
    while True:
        page = bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o", params=params).json()
        found += [item["name"] for item in page.get("items", [])]
        if "nextPageToken" not in page:
            break
        params["pageToken"] = page["nextPageToken"]
    assert found == names


def test_impossible_globs(bucket: Bucket) -> None:
    for glob in ("[", "{a", "[z-a]"):
        answer = bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o", params={"matchGlob": glob})
        assert answer.status_code == 400
