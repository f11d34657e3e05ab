"""The failures that Google's suites ask for: each is injected into its requests, once, and says when all are used up."""

from typing import Any

import pytest
from multidict import CIMultiDict

from localcloud.gcs.errors import StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.target import Target
from tests.conformance_suites.methods import method_of
from tests.conformance_suites.retry_tests import ResetError, RetryTests

KIB = 1024
UPLOAD = "/upload/storage/v1/b/bucket/o?upload_id=x"


@pytest.fixture
def tests() -> RetryTests:
    return RetryTests()


def call(test: dict[str, Any], method: str, target: str, **headers: str) -> Call:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Call(method, Target.parse(target), CIMultiDict({"x-retry-test-id": test["id"], **sent}))


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [
        ("GET", "/storage/v1/b", "storage.buckets.list"),
        ("GET", "/b/bucket", "storage.buckets.get"),
        ("PATCH", "//b/bucket", "storage.buckets.patch"),
        ("GET", "/storage/v1/b/bucket/o/a%2Fb", "storage.objects.get"),
        ("POST", "/storage/v1/b/bucket/o/a/rewriteTo/b/bucket/o/b", "storage.objects.rewrite"),
        ("PUT", "/upload/storage/v1/b/bucket/o", "storage.objects.insert"),
        ("GET", "/storage/v1/b/bucket/acl", None),
        ("POST", "/storage/v1/b/bucket", None),
    ],
)
def test_methods_by_their_paths(verb: str, path: str, name: str | None) -> None:
    assert method_of(verb, path) == name


def test_each_instruction_strikes_once_and_only_its_method(tests: RetryTests) -> None:
    test = tests.create({"instructions": {"storage.objects.get": ["return-503", "return-reset-connection"]}})
    tests.inject(call(test, "GET", "/storage/v1/b/bucket"))
    with pytest.raises(StorageError) as refused:
        tests.inject(call(test, "GET", "/storage/v1/b/bucket/o/a"))
    assert (refused.value.status, tests.get(test["id"])["completed"]) == (503, False)
    with pytest.raises(ResetError):
        tests.inject(call(test, "GET", "/storage/v1/b/bucket/o/a"))
    assert tests.get(test["id"])["completed"] is True
    tests.inject(call(test, "GET", "/storage/v1/b/bucket/o/a"))


def test_an_upload_is_refused_where_it_crosses_the_offset(tests: RetryTests) -> None:
    test = tests.create({"instructions": {"storage.objects.insert": ["return-503-after-256K"]}})
    before = call(test, "PUT", UPLOAD, Content_Range=f"bytes 0-{200 * KIB - 1}/*", Content_Length=str(200 * KIB))
    query = call(test, "PUT", UPLOAD, Content_Range="bytes */*")
    across = call(test, "PUT", UPLOAD, Content_Range=f"bytes {200 * KIB}-*/*")
    for request in (before, query, across):
        tests.inject(request)
    assert before.body.refuse_after_bytes is query.body.refuse_after_bytes is None
    assert across.body.refuse_after_bytes is not None
    limit, refusal = across.body.refuse_after_bytes
    assert (limit, refusal.status) == (56 * KIB, 503)


def test_an_answer_is_cut_after_so_many_of_its_bytes(tests: RetryTests) -> None:
    test = tests.create({"instructions": {"storage.objects.get": ["return-broken-stream-after-256K"]}})
    target = "/storage/v1/b/bucket/o/a?alt=media"
    resource = call(test, "GET", "/storage/v1/b/bucket/o/a")
    shorter = call(test, "GET", target, Range=f"bytes=0-{256 * KIB - 1}")
    longer = call(test, "GET", target, Range=f"bytes={300 * KIB}-")
    for request in (resource, shorter, longer):
        tests.inject(request)
    assert resource.drop_download_after_bytes is shorter.drop_download_after_bytes is None
    assert longer.drop_download_after_bytes == 256 * KIB


def test_an_instruction_that_cannot_be_followed_is_an_error(tests: RetryTests) -> None:
    with pytest.raises(ValueError, match="stall-for-1s"):
        tests.create({"instructions": {"storage.objects.get": ["stall-for-1s-after-1K"]}})
