"""openapi.yaml held against the running gateway: no undocumented status, header or body, and never a 500."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.people import Person, sign_up

ROOT = Path(__file__).resolve().parent.parent.parent
schema = schemathesis.openapi.from_path(ROOT / "openapi.yaml")
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


ENDS_SESSIONS = {"PUT /v1/me/password", "DELETE /v1/me/sessions", "DELETE /v1/me"}
"""After these, the token of who asks is no admin's any more: all that is for admins would be answered with 401."""


@pytest.fixture(scope="module")
def leaver(cloud: Mapping[str, str]) -> Iterator[Person]:
    """A user whose sessions end."""
    with sign_up(cloud) as person:
        yield person


@pytest.fixture(scope="module")
def tester(cloud: Mapping[str, str]) -> Iterator[Person]:
    """An admin who has a video, an open upload and something in the trash, so that there is something to find."""
    with sign_up(cloud, role="admin") as person:
        person.upload("tested.mp4", b"video")
        person.upload("trashed.mp4", b"video")
        person.api.request("DELETE", "/delete-file", json={"filename": "trashed.mp4"})
        person.ask("open.mp4", 10)
        yield person


# Schemathesis draws from `random` inside its own strategies, which newer Hypotheses warn of.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case: schemathesis.Case, cloud: Mapping[str, str], tester: Person, leaver: Person) -> None:
    person = leaver if case.operation.label in ENDS_SESSIONS else tester
    case.call_and_validate(
        base_url=cloud["REELGATE_URL"],
        headers={"Authorization": f"Bearer {person.token}"},
        checks=CHECKS,
        allow_redirects=False,
    )
