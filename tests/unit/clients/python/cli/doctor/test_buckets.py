"""Settings of buckets, as the operator's own gcloud shows them."""

from __future__ import annotations

import copy
from typing import Any

from tests.doubles.fake_deployment import ORIGIN, PROJECT

MEDIA, DERIVED = f"{PROJECT}-reelgate-media", f"{PROJECT}-reelgate-derived"
PRIVATE = {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "enforced"}}
HEADERS = ["Content-Type", "Content-Range", "Location", "Range", "ETag", "x-goog-resumable"]
SETTINGS: dict[str, Any] = PRIVATE | {
    "name": MEDIA,
    "cors": [{"origin": [ORIGIN], "method": ["PUT"], "responseHeader": HEADERS, "maxAgeSeconds": 3600}],
    "lifecycle": {
        "rule": [
            {"action": {"type": "Delete"}, "condition": {"age": 8, "matchesPrefix": ["__parts__/"]}},
            {"action": {"type": "Delete"}, "condition": {"daysSinceCustomTime": 8}},
            {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 8}},
        ]
    },
    "softDeletePolicy": {"retentionDurationSeconds": "604800"},
}


def asked(doctor, gcloud, **changed: Any) -> Any:
    """Return what is said of a media bucket with these settings."""
    gcloud({MEDIA: copy.deepcopy(SETTINGS) | changed, DERIVED: PRIVATE})
    return doctor("--project", PROJECT, "--origin", ORIGIN, "--quick")


def test_as_terraform_sets_them(doctor, gcloud) -> None:
    found = asked(doctor, gcloud)
    assert (found.code, found.of("warning")) == (0, {})
    assert f"buckets: lifecycle of {MEDIA}" in found.of("ok")
    assert f"buckets: nobody can make it public: {DERIVED}" in found.of("ok")
    assert "7 days" in found.of("ok")[f"buckets: soft delete of {MEDIA}"]["detail"]


def test_a_rule_that_is_missing(doctor, gcloud) -> None:
    line = asked(doctor, gcloud, lifecycle={"rule": SETTINGS["lifecycle"]["rule"][1:]}).one_wrong()
    assert line["detail"] == "No rule removes left parts."


def test_a_rule_that_deletes_videos(doctor, gcloud) -> None:
    rules = [*SETTINGS["lifecycle"]["rule"], {"action": {"type": "Delete"}, "condition": {"age": 30}}]
    assert "deletes videos" in asked(doctor, gcloud, lifecycle={"rule": rules}).one_wrong()["detail"]


def test_no_soft_delete(doctor, gcloud) -> None:
    found = asked(doctor, gcloud, softDeletePolicy={"retentionDurationSeconds": "0"})
    assert list(found.of("warning")) == [f"buckets: soft delete of {MEDIA}"]


def test_cors(doctor, gcloud) -> None:
    other = [{"origin": ["https://other.example"], "method": ["PUT"], "responseHeader": HEADERS}]
    assert ORIGIN in asked(doctor, gcloud, cors=other).one_wrong()["detail"]
    fewer = [{"origin": ["*"], "method": ["PUT"], "responseHeader": HEADERS[1:-1]}]
    assert "x-goog-resumable" in asked(doctor, gcloud, cors=fewer).one_wrong()["detail"]
    assert list(asked(doctor, gcloud, cors=[]).of("warning")) == [f"buckets: CORS settings of {MEDIA}"]


def test_a_public_bucket(doctor, gcloud) -> None:
    access = {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "inherited"}
    assert "nobody can make it public" in asked(doctor, gcloud, iamConfiguration=access).one_wrong()["question"]


def test_what_gcloud_may_not_see(doctor, gcloud) -> None:
    gcloud({})
    found = doctor("--project", PROJECT, "--quick")
    assert found.code == 0
    line = found.of("not asked")[f"buckets: {MEDIA}"]
    assert "you do not have permission" in line["detail"]
    assert f"gcloud storage buckets describe gs://{MEDIA}" in line["mend"]


def test_without_gcloud(doctor) -> None:
    found = doctor("--project", PROJECT, "--quick")
    assert (found.code, found.of("not asked")[f"buckets: {MEDIA}"]["detail"]) == (0, "gcloud is not installed here.")


def test_without_a_project(doctor) -> None:
    assert "--project" in doctor("--quick").of("not asked")["buckets: lifecycle, soft delete, CORS"]["mend"]
