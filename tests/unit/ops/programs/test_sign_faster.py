"""HMAC keys: made, replaced and removed by the command, whatever fails on the way, with no secret anywhere but in its place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.unit.ops.programs.conftest import ROOT, FakeGcloud

UPLOAD = "reelgate-sign-upload@videos-1.iam.gserviceaccount.com"


def deployed(gcloud: FakeGcloud, *, at: str = "2026-11-20T12:00:00.123456789Z", **variables: str) -> None:
    """Let functions sign with the named keys, deployed at an instant."""
    functions = [
        {
            "name": f"projects/videos-1/locations/europe-west1/functions/reelgate-{name}",
            "updateTime": at,
            "serviceConfig": {
                "environmentVariables": {"REELGATE_HMAC_ACCESS_ID": gcloud.named()[role]["access_id"], **variables}
            },
        }
        for name, role in (("upload", "upload"), ("stream-url", "read"))
    ]
    gcloud.set(functions=functions)


def test_the_secret_goes_from_the_key_into_secret_manager_and_nowhere_else(gcloud: FakeGcloud) -> None:
    done = gcloud.sign_faster("make", own_process=True)
    assert done.returncode == 0, done.stderr
    assert gcloud.named() == {
        "upload": {"access_id": "GOOG1EKEY1", "version": "1"},
        "read": {"access_id": "GOOG1EKEY2", "version": "1"},
    }
    assert json.loads(gcloud.key_file.read_text())["signer"] == "hmac"
    state = gcloud.state
    assert state["keys"]["GOOG1EKEY1"]["account"] == UPLOAD
    assert state["secrets"]["reelgate-hmac-upload"]["1"] == state["keys"]["GOOG1EKEY1"]["secret"]  # not a byte more
    assert state["secrets"]["reelgate-hmac-read"]["1"] == state["keys"]["GOOG1EKEY2"]["secret"]
    assert sorted(path.name for path in gcloud.folder.iterdir()) == ["calls", "gcloud", gcloud.key_file.name, "state.json"]


def test_made_twice_it_is_there_once(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    before = gcloud.state
    again = gcloud.sign_faster("make")
    assert (again.returncode, gcloud.state) == (0, before)
    assert "GOOG1EKEY1 exists already" in again.stdout


def test_a_key_whose_secret_could_not_be_kept_is_removed_again_with_the_other_one(gcloud: FakeGcloud) -> None:
    gcloud.set(fail={"secrets versions add reelgate-hmac-read": 1})
    failed = gcloud.sign_faster("make", own_process=True)
    assert failed.returncode == 1
    assert "PERMISSION_DENIED" in failed.stderr
    assert gcloud.keys() == {}
    assert not gcloud.key_file.exists()
    removed = [call[2:4] for call in gcloud.calls if call[:2] == ["storage", "hmac"] and call[2] in {"update", "delete"}]
    assert removed == [["update", "GOOG1EKEY1"], ["delete", "GOOG1EKEY1"], ["update", "GOOG1EKEY2"], ["delete", "GOOG1EKEY2"]]
    assert gcloud.sign_faster("make").returncode == 0
    assert set(gcloud.keys()) == {key["access_id"] for key in gcloud.named().values()}


def test_what_could_not_even_be_removed_is_named_and_removed_later(gcloud: FakeGcloud) -> None:
    gcloud.set(fail={"secrets versions add": 1, "storage hmac update": 1})
    failed = gcloud.sign_faster("make")
    assert "GOOG1EKEY1 is not needed and could not be removed" in failed.stdout
    assert gcloud.keys() == {"GOOG1EKEY1": "ACTIVE"}
    gcloud.sign_faster("make")
    assert gcloud.sign_faster("finish").returncode == 0
    assert set(gcloud.keys()) == {key["access_id"] for key in gcloud.named().values()}


@pytest.mark.parametrize(
    ("refusal", "command"),
    [
        (
            "HTTPError 412: Request violates constraint 'constraints/storage.restrictAuthTypes'.",
            "gcloud org-policies reset storage.restrictAuthTypes --project=videos-1",
        ),
        (
            "FAILED_PRECONDITION: Key creation is not allowed (type: constraints/iam.disableServiceAccountKeyCreation).",
            "gcloud resource-manager org-policies disable-enforce iam.disableServiceAccountKeyCreation --project=videos-1",
        ),
        (
            "HTTPError 403: blocked by iam.managed.disableServiceAccountKeyCreation",
            "gcloud org-policies reset iam.managed.disableServiceAccountKeyCreation --project=videos-1",
        ),
    ],
)
def test_a_policy_of_the_organisation_is_named_with_the_exception_from_it(
    gcloud: FakeGcloud, refusal: str, command: str
) -> None:
    gcloud.set(fail={"storage hmac create": 1}, says=refusal)
    failed = gcloud.sign_faster("make")
    assert failed.returncode == 1
    assert refusal in failed.stderr
    assert "A policy of your organisation forbids this" in failed.stderr
    assert [
        line.strip() for line in failed.stderr.splitlines() if line.strip().startswith("gcloud ") and "org-polic" in line
    ] == [command]
    assert gcloud.keys() == {}


def test_other_refusals_are_not_laid_to_a_policy(gcloud: FakeGcloud) -> None:
    gcloud.set(fail={"storage hmac create": 1})
    assert "policy" not in gcloud.sign_faster("make").stderr


def test_a_rotation_names_new_keys_and_leaves_the_old_ones_working(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    old = gcloud.named()
    assert gcloud.sign_faster("rotate").returncode == 0
    new = gcloud.named()
    assert {key["version"] for key in new.values()} == {"2"}
    assert gcloud.keys() == dict.fromkeys([key["access_id"] for named in (old, new) for key in named.values()], "ACTIVE")
    refused = gcloud.sign_faster("rotate")
    assert (refused.returncode, gcloud.named()) == (1, new)
    assert "run 'finish'" in refused.stderr


def test_a_failed_rotation_leaves_everything_as_it_was(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    named, keys = gcloud.named(), gcloud.keys()
    gcloud.set(fail={"storage hmac create reelgate-sign-read": 1})
    assert gcloud.sign_faster("rotate").returncode == 1
    assert (gcloud.named(), gcloud.keys()) == (named, keys)


def test_old_keys_stay_while_a_function_signs_with_them(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    deployed(gcloud, at="2026-01-01T00:00:00Z")
    gcloud.sign_faster("rotate")
    refused = gcloud.sign_faster("finish", "--at-once")
    assert refused.returncode == 1
    assert "reelgate-stream-url, reelgate-upload. Run terraform apply first." in refused.stderr
    assert len(gcloud.keys()) == 4


def test_old_keys_stay_while_a_url_of_theirs_may_live(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    gcloud.sign_faster("rotate")
    deployed(gcloud, at="2999-01-01T00:00:00.5Z", REELGATE_STREAM_URL_SECONDS="7200")
    refused = gcloud.sign_faster("finish")
    assert refused.returncode == 1
    assert "may live until 2999-01-01 04:00 UTC" in refused.stderr
    assert len(gcloud.keys()) == 4
    assert gcloud.sign_faster("finish", "--at-once").returncode == 0
    assert len(gcloud.keys()) == 2


def test_finish_removes_the_old_keys_and_their_secrets(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    gcloud.sign_faster("rotate")
    deployed(gcloud, at="2026-01-01T00:00:00Z")
    gcloud.set(fail={"storage hmac delete": 1})
    assert gcloud.sign_faster("finish").returncode == 1  # half-way: one key is inactive, nothing is lost
    assert sorted(gcloud.keys().values()) == ["ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE"]
    assert gcloud.sign_faster("finish").returncode == 0
    assert gcloud.keys() == {key["access_id"]: "ACTIVE" for key in gcloud.named().values()}
    secrets = gcloud.state["secrets"]["reelgate-hmac-upload"]
    assert (secrets["1"], bool(secrets["2"])) == ("", True)
    assert "no old keys" in gcloud.sign_faster("finish").stdout


def test_a_key_that_a_colleague_has_just_made_is_left_alone(gcloud: FakeGcloud) -> None:
    gcloud.sign_faster("make")
    here = gcloud.key_file.read_text()
    gcloud.sign_faster("rotate")
    gcloud.key_file.write_text(here)  # this checkout knows nothing of the rotation
    assert gcloud.sign_faster("finish").returncode == 0
    assert len(gcloud.keys()) == 4


def test_without_keys_there_is_nothing_to_replace_or_remove(gcloud: FakeGcloud) -> None:
    for command in ("rotate", "finish"):
        refused = gcloud.sign_faster(command)
        assert refused.returncode == 1
    assert gcloud.calls == []
    gcloud.key_file.write_text('{"hmac_access_ids": 3}')
    assert "not written by this command" in gcloud.sign_faster("make").stderr


def test_names_are_those_that_terraform_gives() -> None:
    iam, secrets = (Path(ROOT / "terraform" / name).read_text() for name in ("iam.tf", "secrets.tf"))
    assert 'account_id   = "${var.prefix}-sign-${each.key}"' in iam
    assert 'secret_id = "${var.prefix}-hmac-${each.key}"' in secrets
    roles = re.search(r'resource "google_service_account" "signer" \{\s*for_each = toset\(\["upload", "read"\]\)', iam)
    assert roles is not None
