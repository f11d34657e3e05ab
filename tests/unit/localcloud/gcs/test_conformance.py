"""Google's published V4 vectors (googleapis/conformance-tests) against the emulator's verifier."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from multidict import CIMultiDict

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.target import Target
from localcloud.gcs.v4.canonical import canonical_request, string_to_sign
from localcloud.gcs.v4.keys import KeyRing
from localcloud.gcs.v4.parameters import read_parameters
from localcloud.gcs.v4.verifier import Verifier, host_spellings
from tests.fixtures.signing_vectors import PUBLIC_KEY_PEM, SIGNER, VECTORS

# Its printed canonical request names the bucket, which its own signature does not.
MISPRINTED = "Universe domain with virtual hosted style"


every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["description"])


class Sent:
    """A request as it would arrive for a vector's URL, open to tampering."""

    def __init__(self, vector: dict[str, Any]) -> None:
        url = urlsplit(vector["expectedUrl"])
        self.method: str = vector["method"]
        self.path = url.path
        self.query = url.query
        self.headers = CIMultiDict(vector.get("headers", {}))
        self.headers["Host"] = url.netloc.removesuffix(":443")

    @property
    def target(self) -> Target:
        return Target.parse(f"{self.path}?{self.query}")


def verifier_at(vector: dict[str, Any]) -> Verifier:
    keys = KeyRing()
    keys.add_rsa(SIGNER, PUBLIC_KEY_PEM)
    return Verifier(keys, lambda: datetime.fromisoformat(vector["timestamp"]))


def refusal_of(vector: dict[str, Any], sent: Sent) -> Refusal:
    with pytest.raises(StorageError) as caught:
        verifier_at(vector).signer_of(sent.method, sent.target, sent.headers)
    return caught.value.refusal


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == 29


@every_vector
def test_accepted_at_its_own_time(vector: dict[str, Any]) -> None:
    sent = Sent(vector)
    assert verifier_at(vector).signer_of(sent.method, sent.target, sent.headers) == SIGNER


@every_vector
def test_canonical_request_and_string_to_sign(vector: dict[str, Any]) -> None:
    sent = Sent(vector)
    parameters = read_parameters(sent.target)
    assert parameters is not None
    host = host_spellings(sent.headers["Host"])[-1]
    canonical = canonical_request(sent.method, sent.target, sent.headers, parameters, host)
    assert string_to_sign(parameters, canonical) == vector["expectedStringToSign"]
    if vector["description"] != MISPRINTED:
        assert canonical == vector["expectedCanonicalRequest"]


@every_vector
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
def test_another_verb_is_refused(vector: dict[str, Any], method: str) -> None:
    if method == vector["method"]:
        return
    sent = Sent(vector)
    sent.method = method
    assert refusal_of(vector, sent) is Refusal.SIGNATURE_DOES_NOT_MATCH


@every_vector
def test_another_path_is_refused(vector: dict[str, Any]) -> None:
    for path in (lambda path: path + "x", lambda path: "/other" + path, lambda path: path.replace("/test", "//test", 1)):
        sent = Sent(vector)
        sent.path = path(sent.path)
        assert refusal_of(vector, sent) is Refusal.SIGNATURE_DOES_NOT_MATCH


@every_vector
def test_each_changed_query_parameter_is_refused(vector: dict[str, Any]) -> None:
    pairs = Sent(vector).query.split("&")
    for index, pair in enumerate(pairs):
        sent = Sent(vector)
        last = pair[-1]
        changed = pair[:-1] + ("1" if last != "1" else "2")
        sent.query = "&".join([*pairs[:index], changed, *pairs[index + 1 :]])
        assert refusal_of(vector, sent).status in {400, 403}, changed


@every_vector
def test_an_added_query_parameter_is_refused(vector: dict[str, Any]) -> None:
    sent = Sent(vector)
    sent.query += "&response-content-type=text%2Fhtml"
    assert refusal_of(vector, sent) is Refusal.SIGNATURE_DOES_NOT_MATCH


@every_vector
def test_each_removed_query_parameter_is_refused(vector: dict[str, Any]) -> None:
    pairs = Sent(vector).query.split("&")
    for index, pair in enumerate(pairs):
        if pair.startswith("X-Goog-Signature="):
            continue
        sent = Sent(vector)
        sent.query = "&".join([*pairs[:index], *pairs[index + 1 :]])
        assert refusal_of(vector, sent).status in {400, 403}, pair


@every_vector
def test_each_changed_header_is_refused(vector: dict[str, Any]) -> None:
    for name in Sent(vector).headers:
        sent = Sent(vector)
        sent.headers[name] += "x"
        assert refusal_of(vector, sent) is Refusal.SIGNATURE_DOES_NOT_MATCH, name


@every_vector
def test_each_removed_header_is_refused(vector: dict[str, Any]) -> None:
    for name in Sent(vector).headers:
        sent = Sent(vector)
        del sent.headers[name]
        assert refusal_of(vector, sent) is Refusal.MALFORMED_SECURITY_HEADER, name
