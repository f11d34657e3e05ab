"""A deployment is known by the settings of its functions; audit log gaps are known by what functions logged instead."""

from __future__ import annotations

import argparse

import pytest

from ops.access.deployment import settings_of
from ops.messages import audit_gaps
from tests.fixtures.memory_services import MemoryServices
from tests.unit.ops.programs.conftest import FakeGcloud

RESET_DAILY = {
    "name": "projects/videos-1/locations/europe-west1/functions/reelgate-reset-daily",
    "serviceConfig": {
        "environmentVariables": {
            "GOOGLE_CLOUD_PROJECT": "videos-1",
            "REELGATE_MEDIA_BUCKET": "videos-1-reelgate-media",
            "REELGATE_TOPIC_VIDEOS": "reelgate-videos",
            "REELGATE_DAY_TIME_ZONE": "Europe/Berlin",
            "LOG_EXECUTION_ID": "true",
        }
    },
}
ACTION = {
    "event_id": "audit:1",
    "type": "upload.granted",
    "uid": "ada",
    "published_at": "2026-11-20T10:00:00Z",
    "action_id": "1",
    "at": "2026-11-20T10:00:00.000Z",
    "service": "upload",
    "outcome": "done",
    "description": "Upload granted: a.mp4",
    "details": {"filename": "a.mp4"},
}


def given(**more: object) -> argparse.Namespace:
    return argparse.Namespace(**{"project": "videos-1", "prefix": "reelgate", "region": "europe-west1", **more})


def test_a_deployment_s_own_rules_hold_here(gcloud: FakeGcloud, monkeypatch: pytest.MonkeyPatch) -> None:
    gcloud.set(functions=[RESET_DAILY])
    monkeypatch.setenv("PATH", str(gcloud.folder), prepend=":")
    monkeypatch.setenv("FAKE_GCLOUD", str(gcloud.folder))
    settings = settings_of(given(), {"REELGATE_MEDIA_BUCKET": "of-the-caller"})
    assert settings.media_bucket == "videos-1-reelgate-media"
    assert settings.topics["videos"] == "reelgate-videos"
    assert settings.policy.zone.key == "Europe/Berlin"
    assert not settings.in_cloud


@pytest.mark.parametrize("name", ["STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"])
def test_an_emulator_beside_a_real_project_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        settings_of(given(), {name: "127.0.0.1:1"})


def test_without_a_project_it_must_be_the_local_cloud() -> None:
    with pytest.raises(ValueError, match="--project"):
        settings_of(given(project=None), {"GOOGLE_CLOUD_PROJECT": "videos-1", "STORAGE_EMULATOR_HOST": "127.0.0.1:1"})


def test_a_function_that_cannot_be_asked_is_told(gcloud: FakeGcloud) -> None:
    gcloud.set(fail={"functions describe": 1})
    done = gcloud.run("ops", "books")
    assert (done.returncode, done.stdout) == (2, "")
    assert "gcloud functions describe reelgate-reset-daily" in done.stderr
    assert "PERMISSION_DENIED" in done.stderr


def test_gaps_of_the_audit_log_are_found_in_the_functions_logs(gcloud: FakeGcloud) -> None:
    entry = {"jsonPayload": {"audit": ACTION, "message": "the audit log was not told"}}
    gcloud.set(logs=[entry, entry])
    done = gcloud.run("ops", "audit-gaps", "--since=2d")
    assert (done.returncode, done.stdout) == (1, "2026-11-20 10:00:00 ada Upload granted: a.mp4\n1 not published at first\n")
    assert "--freshness=2d" in gcloud.calls[0]
    gcloud.set(logs=[])
    assert gcloud.run("ops", "audit-gaps").returncode == 0


async def test_gaps_are_closed_with_the_very_message_that_was_lost(
    gcloud: FakeGcloud, monkeypatch: pytest.MonkeyPatch, services: MemoryServices
) -> None:
    gcloud.set(logs=[{"jsonPayload": {"audit": ACTION}}])
    monkeypatch.setenv("PATH", str(gcloud.folder), prepend=":")
    monkeypatch.setenv("FAKE_GCLOUD", str(gcloud.folder))
    monkeypatch.setattr(audit_gaps, "services_of", lambda _: services)
    assert await audit_gaps.run(given(since="7d", publish=True)) == 0
    [(message, at)] = services.events.log
    expected = {**ACTION, "published_at": message.content(at)["published_at"]}
    assert {k: v for k, v in message.content(at).items() if v is not None} == expected
