"""CORS: the bucket's rules on the XML API, defaults on the JSON API, the remembered origin on sessions."""

import pytest

from tests.integration.gcs.conftest import ORIGIN, WEB, Bucket, Emulator

OTHER = "https://other.example"
ALLOWED = "Access-Control-Allow-Origin"


def preflight(url: str, origin: str, method: str, headers: str = "") -> dict[str, str]:
    sent = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    answer = WEB.options(url, headers=sent)
    assert answer.status_code == 200
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def test_xml_preflight(emulator: Emulator, bucket: Bucket) -> None:
    url = f"{emulator.url}/{bucket.name}/clip"
    assert preflight(url, ORIGIN, "PUT", "content-type, x-goog-hash") == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-methods": "GET,HEAD,PUT,POST,DELETE",
        "access-control-allow-headers": "Content-Type,Content-Range,Range,Location,x-goog-resumable,x-goog-hash",
        "access-control-max-age": "120",
    }
    assert preflight(url, OTHER, "PUT") == {}
    assert preflight(url, ORIGIN, "PATCH") == {}
    assert preflight(url, ORIGIN, "PUT", "content-type, x-goog-meta-a") == {}
    assert preflight(f"{emulator.url}/no-such-bucket/clip", ORIGIN, "PUT") == {}


def test_xml_answers_and_errors(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("clip", b"data")
    signed = emulator.signed("GET", f"/{bucket.name}/clip")
    for url, status in ((signed, 200), (signed + "0", 403)):
        answer = WEB.get(url, headers={"Origin": ORIGIN})
        assert (answer.status_code, answer.headers[ALLOWED]) == (status, ORIGIN)
        assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert ALLOWED not in WEB.get(signed, headers={"Origin": OTHER}).headers
    assert ALLOWED not in WEB.get(signed).headers


def test_json_defaults_whatever_the_bucket_says(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("clip", b"data")
    url = f"{emulator.url}/storage/v1/b/{bucket.name}/o/clip"
    found = preflight(url, OTHER, "PATCH", "authorization, x-anything")
    assert found["access-control-allow-origin"] == OTHER
    assert "PATCH" in found["access-control-allow-methods"]
    assert found["access-control-allow-headers"] == "authorization, x-anything"
    assert WEB.get(url, headers={"Origin": OTHER}).headers[ALLOWED] == OTHER
    missing = WEB.get(f"{url}-not", headers={"Origin": OTHER})
    assert (missing.status_code, missing.headers[ALLOWED]) == (404, OTHER)


@pytest.mark.parametrize("opened_by", [OTHER, None])
def test_json_session_speaks_to_the_origin_that_opened_it(bucket: Bucket, opened_by: str | None) -> None:
    uri = bucket.open_session("clip", headers={"Origin": opened_by} if opened_by else {})
    for origin in (OTHER, ORIGIN):
        expected = origin if origin == opened_by else None
        assert preflight(uri, origin, "PUT", "content-range").get("access-control-allow-origin") == expected
        answer = WEB.put(uri, headers={"Origin": origin, "Content-Range": "bytes */*"})
        assert (answer.status_code, answer.headers.get(ALLOWED)) == (308, expected)


def test_xml_session_obeys_bucket_and_origin(bucket: Bucket) -> None:
    headers = {"Origin": ORIGIN, "Content-Range": "bytes */*"}
    plain = bucket.open_xml_session("clip")
    assert WEB.put(plain, headers=headers).headers[ALLOWED] == ORIGIN
    assert preflight(plain, ORIGIN, "PUT", "content-range")["access-control-allow-origin"] == ORIGIN
    assert ALLOWED not in WEB.put(plain, headers={**headers, "Origin": OTHER}).headers
    signed = {"x-goog-resumable": "start"}
    url = bucket.emulator.signed("POST", f"/{bucket.name}/clip", headers=signed)
    opened = WEB.post(url, headers={**signed, "Origin": OTHER})
    assert (opened.status_code, ALLOWED in opened.headers) == (201, False)
    assert ALLOWED not in WEB.put(opened.headers["Location"], headers=headers).headers


def test_origin_null_is_allowed_by_a_star_only(emulator: Emulator, bucket: Bucket) -> None:
    """It is what a browser sends here after our API, another origin than the page's, has redirected it."""
    bucket.upload("clip", b"data")
    url = emulator.signed("GET", f"/{bucket.name}/clip")
    answer = WEB.get(url, headers={"Origin": "null"})
    assert (answer.status_code, ALLOWED in answer.headers) == (200, False)
    assert preflight(url, "null", "GET", "range") == {}
    everybody = [{"origin": ["*"], "method": ["GET"], "responseHeader": ["Range"]}]
    emulator.http.patch(f"/storage/v1/b/{bucket.name}", json={"cors": everybody})
    assert WEB.get(url, headers={"Origin": "null"}).headers[ALLOWED] == "*"
    assert preflight(url, "null", "GET", "range")["access-control-allow-origin"] == "*"


def test_scripts_see_the_etag_of_what_they_uploaded(bucket: Bucket) -> None:
    """Uploaders made for S3 wait for it, whichever API opened the session."""
    cors = [{"origin": [ORIGIN], "method": ["PUT", "POST"], "responseHeader": ["ETag", "x-goog-resumable"]}]
    bucket.emulator.http.patch(f"/storage/v1/b/{bucket.name}", json={"cors": cors})
    headers = {"Origin": ORIGIN}
    for uri in (bucket.open_session("a", headers=headers), bucket.open_xml_session("b")):
        answer = WEB.put(uri, content=b"data", headers=headers)
        assert (answer.status_code, answer.headers[ALLOWED]) == (200, ORIGIN)
        assert answer.headers["ETag"]
        assert "etag" in answer.headers["Access-Control-Expose-Headers"].lower()
