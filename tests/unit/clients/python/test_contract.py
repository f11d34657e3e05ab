"""The client has every operation of openapi.yaml below /v1, asks for it as it is declared, and reads what it promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from reelgate_client import Reelgate, models
from reelgate_client.models.decode import decode, to_json
from tests.doubles.fake_reelgate import API
from tests.fixtures.openapi_document import document, operation_of, operations, resolved, schema_errors

DAY, INSTANT = date(2026, 11, 3), datetime(2026, 11, 3, 10, tzinfo=UTC)
CALLS: dict[str, Callable[[Reelgate], Any]] = {
    "create_upload": lambda c: c.uploads.create(
        "a.mp4",
        5,
        content_type="video/mp4",
        crc32c="yZRlqg==",
        title="A",
        start="parts",
        part_size=3,
        idempotency_key="k",
    ),
    "list_uploads": lambda c: c.uploads.list(limit=2, cursor="c"),
    "check_upload_sizes": lambda c: c.uploads.check([1, 2]),
    "get_upload": lambda c: c.uploads.get("u1"),
    "delete_upload": lambda c: c.uploads.cancel("u1"),
    "resume_upload": lambda c: c.uploads.resume("u1"),
    "sign_upload_parts": lambda c: c.uploads.sign_parts("u1", {0: "yZRlqg==", 1: None}),
    "complete_upload": lambda c: c.uploads.complete("u1", crc32c="yZRlqg=="),
    "get_play": lambda c: c.play.get("t"),
    "get_master_playlist": lambda c: c.play.master_playlist("t", lease=True),
    "get_shared_captions": lambda c: c.play.captions("t", "en.vtt"),
    "get_sprites": lambda c: c.play.sprites("t"),
    "get_media_playlist": lambda c: c.play.media_playlist("t", "v0.m3u8", lease=True),
    "create_lease": lambda c: c.play.lease("t", "v0", number=2, position=1.5, view="v", idempotency_key="k"),
    "create_file_url": lambda c: c.play.url("t", view="v", idempotency_key="k"),
    "get_poster": lambda c: c.play.poster_url("u", "v", "c"),
    "get_oembed": lambda c: c.play.oembed("https://api.example/watch/t", maxwidth=1, maxheight=1, format="json"),
    "get_video_url": lambda c: c.videos.url("v1", download=True),
    "get_audio_url": lambda c: c.videos.audio_url("v1"),
    "create_playback_grant": lambda c: c.grants.create(
        "v1",
        label="Bob",
        seconds=60,
        origins=["https://a.example"],
        max_plays=2,
        max_bytes=5,
        idempotency_key="k",
    ),
    "list_playback_grants": lambda c: c.grants.list("v1", limit=2, cursor="c"),
    "revoke_playback_grants": lambda c: c.grants.revoke_all("v1"),
    "get_playback_grant": lambda c: c.grants.get("g1"),
    "revoke_playback_grant": lambda c: c.grants.revoke("g1"),
    "get_usage": lambda c: c.usage.now(),
    "list_usage_days": lambda c: c.usage.days(from_=DAY, to=DAY),
    "list_usage_entries": lambda c: c.usage.entries(limit=2, cursor="c"),
    "admin_list_usage": lambda c: c.admin.usage(from_=DAY, to=DAY, group="day", user_id="u", limit=2, cursor="c"),
    "admin_create_usage_export": lambda c: c.admin.create_export(DAY, DAY, group="month"),
    "admin_get_usage_export": lambda c: c.admin.get_export("e1"),
    "admin_reset_user_usage": lambda c: c.admin.users.reset_usage("u"),
    "list_videos": lambda c: c.videos.list(search="a", sort="-size", state="ready", type="video", limit=2, cursor="c"),
    "get_video": lambda c: c.videos.get("v1"),
    "update_video": lambda c: c.videos.rename("v1", None),
    "delete_video": lambda c: c.videos.delete("v1"),
    "restore_video": lambda c: c.videos.restore("v1"),
    "request_audio": lambda c: c.videos.request_audio("v1"),
    "request_hls": lambda c: c.videos.package_hls("v1"),
    "list_trash": lambda c: c.trash.list(limit=2, cursor="c"),
    "empty_trash": lambda c: c.trash.empty(),
    "purge_video": lambda c: c.trash.purge("v1"),
    "set_captions": lambda c: c.videos.captions.put("v1", "pt-BR", "WEBVTT\n", label="Português", default=True),
    "get_captions": lambda c: c.videos.captions.get("v1", "en"),
    "delete_captions": lambda c: c.videos.captions.delete("v1", "en"),
    "admin_list_audit_events": lambda c: c.admin.audit(
        user_id="u",
        email="a@example.org",
        video_id="v",
        request_id="request-0001",
        action="upload.granted",
        outcome="done",
        from_=INSTANT,
        to=INSTANT,
        limit=2,
        cursor="c",
    ),
    "admin_list_deliveries": lambda c: c.admin.deliveries.list(state="failed", type="t", user_id="u", limit=2, cursor="c"),
    "admin_get_delivery": lambda c: c.admin.deliveries.get("d"),
    "admin_redeliver_delivery": lambda c: c.admin.deliveries.redeliver("d"),
    "register_user": lambda c: c.auth.register("a@example.org", "correct horse", "Ada"),
    "log_in_user": lambda c: c.auth.sign_in("correct horse", email="a@example.org", username="Ada"),
    "refresh_tokens": lambda c: c.auth.refresh("r"),
    "reset_password": lambda c: c.auth.reset_password("a@example.org"),
    "set_password": lambda c: c.me.set_password("correct horse", "another horse"),
    "revoke_sessions": lambda c: c.me.sign_out_everywhere(),
    "verify_email": lambda c: c.me.verify_email(),
    "get_my_account": lambda c: c.me.get(),
    "update_my_account": lambda c: c.me.set_mails(alerts=True, audio=False),
    "delete_my_account": lambda c: c.me.delete(),
    "list_api_keys": lambda c: c.me.api_keys.list(),
    "create_api_key": lambda c: c.me.api_keys.create("backup", ["read"], expires_at=INSTANT),
    "revoke_api_key": lambda c: c.me.api_keys.revoke("k1"),
    "export_my_data": lambda c: c.me.export(limit=2, cursor="c"),
    "admin_list_users": lambda c: c.admin.users.list(email="a@example.org", limit=2, cursor="c"),
    "admin_get_user": lambda c: c.admin.users.get("u"),
    "admin_update_user": lambda c: c.admin.users.update(
        "u", role="admin", disabled=False, storage=5, bandwidth=None, alert_percents=[80]
    ),
    "admin_delete_user": lambda c: c.admin.users.delete("u"),
}
"""Every operation, with every parameter and field that it has."""

FORMATS = {("list_usage", "format"), ("admin_list_usage", "format"), ("admin_list_audit_events", "format")}
"""Other forms of an answer: `usage_csv` has the one; the other, a stream of lines, is for operators' pipes."""
INSTEAD = {("create_playback_grant", "expires_at")}
"""Fields that are alternatives to another one."""
DOORS = ("/v1/s3/",)
"""Uploads in the shape of another API, for uploaders that speak nothing else."""
OURS = {
    str(operation["operationId"]): (method, path, operation)
    for (method, path), operation in operations().items()
    if path.startswith("/v1/") and not path.startswith(DOORS) and method != "HEAD" and "operationId" in operation
}


def sample(schema: dict[str, Any], depth: int = 0) -> Any:
    """Return a value of a schema, with every field."""
    schema = resolved(schema)
    if "allOf" in schema:
        return sample(schema["allOf"][0], depth)
    if "oneOf" in schema or "anyOf" in schema:
        return sample((schema.get("oneOf") or schema["anyOf"])[0], depth)
    if "example" in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: sample(inner, depth + 1) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [sample(schema["items"], depth + 1)]
        case "string":
            return {"date-time": "2026-11-03T10:00:00.250Z", "date": "2026-11-03"}.get(schema.get("format", ""), "text")
        case "integer":
            return schema.get("minimum", 1)
        case "number":
            return 1.5
        case "boolean":
            return True
    raise AssertionError(schema)


class Recorded:
    """What a call has asked, and what it was answered."""

    def __init__(self, operation: dict[str, Any]) -> None:
        self.operation = operation
        self.request: httpx.Request | None = None
        self.content: Any = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer with a sample of what the operation promises."""
        self.request = request
        status, promised = min((int(code), resolved(answer)) for code, answer in self.operation["responses"].items())
        if "content" not in promised:
            return httpx.Response(status, headers={"Location": "https://storage.example/poster.jpg"})
        [[media_type, content], *_] = promised["content"].items()
        if media_type != "application/json":
            return httpx.Response(status, text="WEBVTT\n")
        self.content = sample(content["schema"])
        assert schema_errors(content["schema"], self.content) == []
        return httpx.Response(status, json=self.content)


def asked(name: str) -> tuple[Recorded, Any]:
    """Make a call and return it with its result."""
    recorded = Recorded(OURS[name][2])
    with Reelgate(API, token="t", transport=httpx.MockTransport(recorded.answer)) as client:
        result = CALLS[name](client)
    assert recorded.request is not None
    return recorded, result


def test_every_operation_has_its_method() -> None:
    assert len(OURS) > 60
    assert CALLS.keys() == OURS.keys()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_it_asks_as_it_is_declared(name: str) -> None:
    recorded, _ = asked(name)
    method, _, operation = OURS[name]
    request = recorded.request
    assert request is not None
    assert request.method == method
    assert operation_of(method, request.url.path) == operation
    declared = [resolved(one) for one in operation.get("parameters", [])]
    names = {one["name"] for one in declared if one["in"] == "query"}
    forms = {parameter for owner, parameter in FORMATS if owner == name}
    assert request.url.params.keys() == names - forms
    for parameter in declared:
        if parameter["in"] == "query" and parameter["schema"].get("type") == "string":
            assert schema_errors(parameter["schema"], request.url.params.get(parameter["name"], "json")) == []
        if parameter["in"] == "header":
            assert parameter["name"] in request.headers
    public = operation.get("security") == []
    assert ("authorization" in request.headers) is not public


@pytest.mark.parametrize("name", sorted(name for name in CALLS if "requestBody" in OURS[name][2]))
def test_its_body_is_what_is_declared(name: str) -> None:
    recorded, _ = asked(name)
    request = recorded.request
    assert request is not None
    [[media_type, content]] = OURS[name][2]["requestBody"]["content"].items()
    assert request.headers["content-type"] == media_type
    if media_type != "application/json":
        return
    body = json.loads(request.content)
    assert schema_errors(content["schema"], body) == []
    missing = resolved(content["schema"])["properties"].keys() - body.keys()
    assert {(name, field) for field in missing} <= INSTEAD


@pytest.mark.parametrize("name", sorted(CALLS))
def test_it_reads_all_that_is_promised(name: str) -> None:
    recorded, result = asked(name)
    if recorded.content is None:
        return
    assert is_dataclass(result)
    assert _instants(to_json(result)) == _instants(recorded.content)


def test_there_is_a_model_for_each_schema_and_it_has_its_fields() -> None:
    schemas = document()["components"]["schemas"]
    wrong = [
        name
        for name in models.__all__
        if {one.name.removesuffix("_") for one in fields(getattr(models, name))} != schemas[name]["properties"].keys()
    ]
    assert wrong == []


def test_fields_that_are_not_known_yet_are_ignored_and_those_that_may_be_missing_are_none() -> None:
    content = deepcopy(sample(document()["components"]["schemas"]["Video"]))
    video = decode(models.Video, {**content, "colour": "blue"} | {"audio": {**content["audio"], "state": "sung"}})
    assert video.audio.state == "sung"
    del content["poster"], content["captions"]
    older = decode(models.Video, content)
    assert (older.poster, older.captions) == (None, ())


def test_secrets_are_not_shown() -> None:
    grant = sample(document()["components"]["schemas"]["CreatedPlaybackGrant"])
    shown = repr(decode(models.CreatedPlaybackGrant, grant | {"token": "s3cret", "watch_url": "s3cret", "play_url": "s3cret"}))
    assert "s3cret" not in shown


def _instants(value: Any) -> Any:
    """Return JSON with its times in one form."""
    if isinstance(value, dict):
        return {name: _instants(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_instants(inner) for inner in value]
    if isinstance(value, str) and value[:2] == "20" and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return value
