"""The JSON API over plain HTTP: buckets, objects, lists, copies, errors in Google's form."""

import gzip
from typing import Any

import httpx
import pytest

from tests.integration.gcs.conftest import CORS, Bucket, Emulator


def assert_error(answer: httpx.Response, status: int, reason: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == status
    assert error["message"]
    assert error["errors"][0]["reason"] == reason
    assert error["errors"][0]["domain"] == "global"


def test_bucket_life(emulator: Emulator) -> None:
    http = emulator.http
    made = http.post("/storage/v1/b", json={"name": "life-bucket", "cors": CORS, "labels": {"a": "b"}}).json()
    assert (made["kind"], made["name"], made["metageneration"]) == ("storage#bucket", "life-bucket", "1")
    assert_error(http.post("/storage/v1/b", json={"name": "life-bucket"}), 409, "conflict")
    assert_error(http.post("/storage/v1/b", json={"name": "Bad_Name!"}), 400, "invalid")
    assert_error(http.post("/storage/v1/b", content=b"{not json"), 400, "invalid")
    patched = http.patch("/storage/v1/b/life-bucket", json={"labels": None, "versioning": {"enabled": False}}).json()
    assert (patched["cors"], patched["metageneration"], "labels" in patched) == (CORS, "2", False)
    assert "cors" not in http.put("/storage/v1/b/life-bucket", json={}).json()
    assert "life-bucket" in [item["name"] for item in http.get("/storage/v1/b").json()["items"]]
    http.post("/upload/storage/v1/b/life-bucket/o", params={"uploadType": "media", "name": "a"}, content=b"a")
    assert_error(http.delete("/storage/v1/b/life-bucket"), 409, "conflict")
    assert http.delete("/storage/v1/b/life-bucket/o/a").status_code == 204
    assert http.delete("/storage/v1/b/life-bucket").status_code == 204
    assert_error(http.get("/storage/v1/b/life-bucket"), 404, "notFound")


def test_configured_bucket_has_its_cors(emulator: Emulator) -> None:
    assert emulator.http.get("/storage/v1/b/configured").json()["cors"] == CORS


def test_resource_of_an_object(bucket: Bucket) -> None:
    resource = bucket.upload("dir/ü b.mp4", b"hello").json()
    generation = resource["generation"]
    assert resource["kind"] == "storage#object"
    assert resource["id"] == f"{bucket.name}/dir/ü b.mp4/{generation}"
    assert (resource["size"], resource["metageneration"], resource["contentType"]) == ("5", "1", "video/mp4")
    assert (resource["crc32c"], resource["md5Hash"]) == ("mnG7TA==", "XUFAKrxLKna5cZ2REBfFkg==")
    assert resource["timeCreated"] == resource["updated"]
    link = resource["selfLink"]
    assert link.endswith(f"/storage/v1/b/{bucket.name}/o/dir%2F%C3%BC%20b.mp4")
    assert httpx.get(link).json() == resource
    assert httpx.get(resource["mediaLink"]).content == b"hello"


def test_multipart_upload(bucket: Bucket) -> None:
    body = (
        b'--frontier\r\nContent-Type: application/json\r\n\r\n{"name": "m", "metadata": {"k": "v"}}\r\n'
        b"--frontier\r\nContent-Type: video/webm\r\n\r\nmedia\r\n--frontier--"
    )
    answer = bucket.emulator.http.post(
        f"/upload/storage/v1/b/{bucket.name}/o?uploadType=multipart",
        content=body,
        headers={"Content-Type": "multipart/related; boundary=frontier"},
    )
    assert (answer.json()["contentType"], answer.json()["metadata"]) == ("video/webm", {"k": "v"})
    assert bucket.bytes_of("m") == b"media"


def test_null_is_an_empty_document(bucket: Bucket) -> None:
    """rclone sends it where it has nothing to say about the copy."""
    bucket.upload("a", b"data")
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    for path in (f"{base}/a/rewriteTo/b/{bucket.name}/o/b", f"{base}/a/copyTo/b/{bucket.name}/o/c"):
        assert http.post(path, content=b"null", headers={"Content-Type": "application/json"}).status_code == 200
    assert bucket.resource("b").json()["contentType"] == "video/mp4"
    assert_error(http.post(f"{base}/a/rewriteTo/b/{bucket.name}/o/d", content=b"[]"), 400, "invalid")
    assert_error(http.patch(f"{base}/a", content=b'{"metadata": {"a": NaN}}'), 400, "invalid")


def test_numbers_as_custom_metadata_become_texts(bucket: Bucket) -> None:
    given = {"size": 1234567, "share": 0.5, "live": True, "text": "x", "none": None}
    url = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=resumable&name=a"
    session = bucket.emulator.http.post(url, json={"metadata": given}).headers["Location"]
    stored = bucket.emulator.http.put(session, content=b"data").json()
    assert stored["metadata"] == {"size": "1234567", "share": "0.5", "live": "true", "text": "x"}
    patched = bucket.emulator.http.patch(f"/storage/v1/b/{bucket.name}/o/a", json={"metadata": {"size": 7}}).json()
    assert patched["metadata"]["size"] == "7"


def test_nested_settings_of_a_bucket_are_merged(emulator: Emulator, bucket: Bucket) -> None:
    http, path = emulator.http, f"/storage/v1/b/{bucket.name}"
    http.patch(path, json={"labels": {"a": "1", "b": "2"}, "website": {"mainPageSuffix": "m", "notFoundPage": "n"}})
    merged = http.patch(path, json={"labels": {"a": None, "c": "3"}, "website": {"notFoundPage": None}}).json()
    assert merged["labels"] == {"b": "2", "c": "3"}
    assert merged["website"] == {"mainPageSuffix": "m"}
    assert merged["cors"] == CORS
    gone = http.patch(path, json={"labels": {"b": None, "c": None}, "cors": [], "website": None}).json()
    assert ("labels" in gone, gone["cors"], "website" in gone) == (False, [], False)
    assert http.put(path, json={"labels": {"z": "9"}}).json()["labels"] == {"z": "9"}


def test_holds_forbid_to_replace_and_to_delete(bucket: Bucket) -> None:
    http, path = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o/a"
    bucket.upload("a", b"1")
    for hold in ("temporaryHold", "eventBasedHold"):
        http.patch(path, json={hold: True})
        assert_error(bucket.upload("a", b"2"), 403, "forbidden")
        assert_error(http.delete(path), 403, "forbidden")
        assert_error(http.post(f"{path}/moveTo/o/b"), 403, "forbidden")
        http.patch(path, json={hold: False})
    assert http.delete(path).status_code == 204


def test_move(bucket: Bucket) -> None:
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    source = bucket.upload("dir/a", b"data").json()
    http.patch(f"{base}/dir%2Fa", json={"metadata": {"k": "v"}})
    before = bucket.emulator.last_event_id()
    assert http.post(f"{base}/dir%2Fa/moveTo/o/b", params={"ifSourceGenerationMatch": 1}).status_code == 412
    bucket.upload("taken", b"other")
    assert http.post(f"{base}/dir%2Fa/moveTo/o/taken", params={"ifGenerationMatch": 0}).status_code == 412
    moved = http.post(f"{base}/dir%2Fa/moveTo/o/dir%2Fb", params={"ifGenerationMatch": 0})
    assert moved.status_code == 200
    resource = moved.json()
    assert (resource["name"], resource["metadata"], resource["md5Hash"]) == ("dir/b", {"k": "v"}, source["md5Hash"])
    assert int(resource["generation"]) > int(source["generation"])
    assert bucket.bytes_of("dir%2Fb") == b"data"
    assert bucket.resource("dir%2Fa").status_code == 404
    kinds = [(event["type"].rsplit(".", 1)[1], event["name"]) for event in bucket.emulator.events_after(before)]
    assert sorted(kinds) == [("deleted", "dir/a"), ("finalized", "dir/b"), ("finalized", "taken")]
    assert_error(http.post(f"{base}/none/moveTo/o/c"), 404, "notFound")
    assert_error(http.post(f"{base}/dir%2Fb/moveTo/o/dir%2Fb"), 400, "invalid")


def test_requests_may_be_compressed(bucket: Bucket) -> None:
    """Here Content-Encoding is about the way, not about the object; contentEncoding=gzip means the object."""
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    upload = f"/upload/storage/v1/b/{bucket.name}/o"
    coded = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
    packed = gzip.compress(b"hello")
    stored = http.post(upload, params={"uploadType": "media", "name": "a"}, content=packed, headers=coded).json()
    assert (stored["size"], stored["md5Hash"], "contentEncoding" in stored) == ("5", "XUFAKrxLKna5cZ2REBfFkg==", False)
    kept = {"uploadType": "media", "name": "b", "contentEncoding": "gzip"}
    assert http.post(upload, params=kept, content=packed, headers=coded).json()["size"] == str(len(packed))
    document = gzip.compress(b'{"metadata": {"k": "v"}}')
    assert http.patch(f"{base}/a", content=document, headers=coded).json()["metadata"] == {"k": "v"}
    session = bucket.open_session("c")
    assert http.put(session, content=packed, headers=coded).json()["size"] == "5"
    for broken in (b"\x1f\x8bnot really gzip", packed[:-9]):
        refused = http.post(upload, params={"uploadType": "media", "name": "d"}, content=broken, headers=coded)
        assert_error(refused, 400, "invalid")
    assert bucket.resource("d").status_code == 404
    part = {**coded, "Content-Range": "bytes 0-4/5"}
    assert_error(http.put(bucket.open_session("e"), content=packed, headers=part), 501, "notImplemented")
    assert_error(http.patch(f"{base}/a", content=b"{}", headers={"Content-Encoding": "br"}), 501, "notImplemented")


def test_media_errors_are_plain_text(bucket: Bucket) -> None:
    missing = bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o/none", params={"alt": "media"})
    assert (missing.status_code, missing.text) == (404, f"No such object: {bucket.name}/none")
    assert missing.headers["Content-Type"].startswith("text/html")
    assert_error(bucket.resource("none"), 404, "notFound")


def test_a_composed_object_takes_no_type_from_its_sources(bucket: Bucket) -> None:
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    bucket.upload("a", b"a")
    made = http.post(f"{base}/b/compose", json={"sourceObjects": [{"name": "a"}]}).json()
    assert "contentType" not in made
    assert http.get(f"{base}/b?alt=media").headers["Content-Type"] == "application/octet-stream"
    document = {"sourceObjects": [{"name": "a"}], "destination": {"contentType": "video/webm"}}
    assert http.post(f"{base}/c/compose", json=document).json()["contentType"] == "video/webm"


def test_buckets_come_in_pages(emulator: Emulator) -> None:
    for name in ("pages-a", "pages-b", "pages-c"):
        emulator.http.post("/storage/v1/b", json={"name": name})
    first = emulator.http.get("/storage/v1/b", params={"prefix": "pages-", "maxResults": 2}).json()
    assert [item["name"] for item in first["items"]] == ["pages-a", "pages-b"]
    rest = {"prefix": "pages-", "maxResults": 2, "pageToken": first["nextPageToken"]}
    last = emulator.http.get("/storage/v1/b", params=rest).json()
    assert ([item["name"] for item in last["items"]], "nextPageToken" in last) == (["pages-c"], False)


def test_short_paths_of_the_node_client(bucket: Bucket) -> None:
    """It takes STORAGE_EMULATOR_HOST for the whole address of the JSON API."""
    bucket.upload("a", b"data")
    http = bucket.emulator.http
    assert http.get(f"/b/{bucket.name}/o/a").json()["size"] == "4"
    assert http.get(f"/b/{bucket.name}/o/a", params={"alt": "media"}).content == b"data"
    assert bucket.name in [item["name"] for item in http.get("/b").json()["items"]]
    assert http.get(f"/b/{bucket.name}", headers={"Host": f"{bucket.name}.storage.example"}).status_code == 403


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"ifGenerationMatch": "{generation}"}, 200),
        ({"ifGenerationMatch": "1"}, 412),
        ({"ifGenerationMatch": "0"}, 412),
        ({"ifGenerationNotMatch": "{generation}"}, 304),
        ({"ifMetagenerationMatch": "2"}, 412),
        ({"ifMetagenerationNotMatch": "1"}, 304),
        ({"generation": "1"}, 404),
        ({"generation": "{generation}"}, 200),
        ({"ifGenerationMatch": "x"}, 400),
    ],
)
@pytest.mark.parametrize("alt", ["json", "media"])
def test_read_conditions(bucket: Bucket, params: dict[str, str], status: int, alt: str) -> None:
    generation = bucket.upload("a", b"a").json()["generation"]
    filled = {name: value.format(generation=generation) for name, value in params.items()}
    path = f"/storage/v1/b/{bucket.name}/o/a"
    assert bucket.emulator.http.get(path, params={"alt": alt, **filled}).status_code == status


def test_write_conditions(bucket: Bucket) -> None:
    http, path = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o/a"
    assert bucket.upload("a", b"1", ifGenerationMatch=5).status_code == 412
    generation = bucket.upload("a", b"1", ifGenerationMatch=0).json()["generation"]
    assert_error(bucket.upload("a", b"2", ifGenerationMatch=0), 412, "conditionNotMet")
    assert bucket.upload("a", b"2", ifGenerationNotMatch=generation).status_code == 412
    assert http.patch(path, params={"ifMetagenerationMatch": 9}, json={}).status_code == 412
    assert http.delete(path, params={"ifGenerationMatch": 1}).status_code == 412
    assert http.delete(path, params={"generation": 1}).status_code == 404
    assert bucket.bytes_of("a") == b"1"
    assert http.delete(path, params={"ifGenerationMatch": generation}).status_code == 204
    assert_error(http.delete(path), 404, "notFound")


def test_patch_and_update(bucket: Bucket) -> None:
    http, path = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o/a"
    first = bucket.upload("a", b"1").json()
    http.patch(path, json={"metadata": {"a": "1", "b": "2"}, "cacheControl": "no-store"})
    patched = http.patch(path, json={"metadata": {"a": None, "c": "3"}, "size": "999"}).json()
    assert patched["metadata"] == {"b": "2", "c": "3"}
    assert (patched["cacheControl"], patched["size"], patched["metageneration"]) == ("no-store", "1", "3")
    assert patched["generation"] == first["generation"]
    updated = http.put(path, json={"contentType": "text/plain"}).json()
    assert (updated["contentType"], "metadata" in updated, "cacheControl" in updated) == ("text/plain", False, False)


def list_names(bucket: Bucket, **params: Any) -> tuple[list[str], list[str], int]:
    """Follow all pages; return names, prefixes and the number of pages."""
    names: list[str] = []
    prefixes: list[str] = []
    pages = 0
    while True:
        answer = bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o", params=params).json()
        names += [item["name"] for item in answer.get("items", [])]
        prefixes += answer.get("prefixes", [])
        pages += 1
        if "nextPageToken" not in answer:
            return names, prefixes, pages
        params["pageToken"] = answer["nextPageToken"]


@pytest.mark.parametrize("page_size", [1, 2, 3, 1000])
def test_lists(bucket: Bucket, page_size: int) -> None:
    names = ["a", "b/1", "b/2", "b/c/3", "b0", "ü", "𝄞"]
    for name in names:
        bucket.upload(name, b"")
    assert list_names(bucket, maxResults=page_size)[:2] == (names, [])
    assert list_names(bucket, maxResults=page_size, delimiter="/")[:2] == (["a", "b0", "ü", "𝄞"], ["b/"])
    assert list_names(bucket, maxResults=page_size, delimiter="/", prefix="b/")[:2] == (["b/1", "b/2"], ["b/c/"])
    assert list_names(bucket, maxResults=page_size, prefix="b")[:2] == (["b/1", "b/2", "b/c/3", "b0"], [])
    assert list_names(bucket, maxResults=page_size, startOffset="b/2", endOffset="ü")[0] == ["b/2", "b/c/3", "b0"]
    assert list_names(bucket, prefix="none") == ([], [], 1)
    assert list_names(bucket, maxResults=2)[2] == 4


def test_rewrite_and_copy(bucket: Bucket) -> None:
    http = bucket.emulator.http
    source = bucket.upload("dir/a", b"data").json()
    base = f"/storage/v1/b/{bucket.name}/o"
    to = f"b/{bucket.name}/o"
    rewritten = http.post(f"{base}/dir%2Fa/rewriteTo/{to}/dir%2Fb", json={}).json()
    assert (rewritten["done"], rewritten["totalBytesRewritten"]) == (True, "4")
    assert rewritten["resource"]["md5Hash"] == source["md5Hash"]
    assert int(rewritten["resource"]["generation"]) > int(source["generation"])
    copied = http.post(f"{base}/dir%2Fa/copyTo/{to}/c", json={"contentType": "text/plain"}).json()
    assert copied["contentType"] == "text/plain"
    http.delete(f"{base}/dir%2Fa")
    assert bucket.bytes_of("dir%2Fb") == bucket.bytes_of("c") == b"data"
    taken = http.post(f"{base}/c/rewriteTo/{to}/dir%2Fb", params={"ifGenerationMatch": 0})
    assert taken.status_code == 412
    changed = http.post(f"{base}/c/rewriteTo/{to}/d", params={"ifSourceGenerationMatch": 1})
    assert changed.status_code == 412
    assert_error(http.post(f"{base}/none/rewriteTo/{to}/d"), 404, "notFound")


def test_compose(bucket: Bucket) -> None:
    http, base = bucket.emulator.http, f"/storage/v1/b/{bucket.name}/o"
    for name in "abc":
        bucket.upload(name, name.encode() * 3)
    sources = [{"name": name} for name in "abc"]
    made = http.post(f"{base}/abc/compose", json={"sourceObjects": sources}).json()
    assert (made["componentCount"], made["size"], "md5Hash" in made) == (3, "9", False)
    assert bucket.bytes_of("abc") == b"aaabbbccc"
    nested = http.post(f"{base}/nested/compose", json={"sourceObjects": [{"name": "abc"}, {"name": "a"}]}).json()
    assert nested["componentCount"] == 4
    assert http.post(f"{base}/x/compose", json={"sourceObjects": sources * 11}).status_code == 400
    assert http.post(f"{base}/x/compose", json={"sourceObjects": []}).status_code == 400
    guarded = [{"name": "a", "objectPreconditions": {"ifGenerationMatch": "1"}}]
    assert http.post(f"{base}/x/compose", json={"sourceObjects": guarded}).status_code == 412
    assert http.post(f"{base}/abc/compose", params={"ifGenerationMatch": 0}, json={"sourceObjects": sources}).status_code == 412
    moved = {"sourceObjects": [{"name": "nested", "generation": nested["generation"]}], "deleteSourceObjects": True}
    assert http.post(f"{base}/moved/compose", json=moved).status_code == 200
    assert bucket.bytes_of("moved") == b"aaabbbcccaaa"
    assert bucket.resource("nested").status_code == 404
    missing = [{"name": "a"}, {"name": "none"}]
    assert_error(http.post(f"{base}/x/compose", json={"sourceObjects": missing}), 404, "notFound")
    assert bucket.resource("x").status_code == 404


@pytest.mark.parametrize(
    "document",
    [{"metadata": "text"}, {"metadata": {"a": {}}}, {"metadata": {"a": [1]}}, {"metadata": []}, {"crc32c": 5}, ["no"]],
)
def test_impossible_metadata(bucket: Bucket, document: Any) -> None:
    url = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=resumable&name=a"
    assert_error(bucket.emulator.http.post(url, json=document), 400, "invalid")


def test_ranges_on_both_download_paths(bucket: Bucket) -> None:
    bucket.upload("a", b"0123456789")
    for prefix in ("/storage/v1", "/download/storage/v1"):
        path = f"{prefix}/b/{bucket.name}/o/a"
        answer = bucket.emulator.http.get(path, params={"alt": "media"}, headers={"Range": "bytes=-3"})
        assert (answer.status_code, answer.content) == (206, b"789")
        assert answer.headers["Content-Range"] == "bytes 7-9/10"
        beyond = bucket.emulator.http.get(path, params={"alt": "media"}, headers={"Range": "bytes=10-"})
        assert beyond.status_code == 416
        assert beyond.headers["Content-Range"] == "bytes */10"


def test_reader_keeps_its_bytes_when_the_object_is_replaced(bucket: Bucket, random_mib: bytes) -> None:
    data = random_mib * 16
    bucket.upload("a", data)
    url = f"/storage/v1/b/{bucket.name}/o/a"
    with bucket.emulator.http.stream("GET", url, params={"alt": "media"}) as answer:
        pieces = answer.iter_raw(chunk_size=65536)
        received = next(pieces)
        bucket.upload("a", b"new")
        received += b"".join(pieces)
    assert received == data
    assert bucket.bytes_of("a") == b"new"


def test_reader_that_leaves_early_harms_nobody(bucket: Bucket, random_mib: bytes) -> None:
    """What the server makes of it is seen in its log, which may hold no traceback at the end."""
    bucket.upload("a", random_mib * 16)
    url = f"/storage/v1/b/{bucket.name}/o/a?alt=media"
    for _ in range(5):
        with bucket.emulator.http.stream("GET", url) as answer:
            next(answer.iter_raw(chunk_size=65536))
    assert bucket.bytes_of("a") == random_mib * 16


def test_unknown_paths_and_verbs(bucket: Bucket) -> None:
    http = bucket.emulator.http
    assert_error(http.get("/storage/v1/nonsense"), 404, "notFound")
    assert_error(http.post(f"/storage/v1/b/{bucket.name}/o/a"), 405, "methodNotAllowed")
    assert_error(http.post(f"/upload/storage/v1/b/{bucket.name}/o?uploadType=odd&name=a"), 400, "invalid")


def test_memory_stays_flat(own_emulator: Emulator, random_mib: bytes) -> None:
    bucket = Bucket(own_emulator)
    bucket.upload("warm", random_mib)
    before = own_emulator.memory_bytes()
    size_mib = 300
    uri = bucket.open_session("big")
    assert httpx.put(uri, content=(random_mib for _ in range(size_mib)), timeout=60).status_code == 200
    received = 0
    with own_emulator.http.stream("GET", f"/storage/v1/b/{bucket.name}/o/big?alt=media") as answer:
        for piece in answer.iter_raw():
            received += len(piece)
    assert received == size_mib * len(random_mib)
    assert own_emulator.memory_bytes() - before < 64 * 1024 * 1024
