"""Whether messages arrive is seen in a video, in logs, or as an admin; and what is known is said where they do not."""

from __future__ import annotations

import httpx
import pytest

from ops.live_check.checks import pushes
from ops.live_check.report import ANSWER, BROKEN, HELD, NOT_ASKED, PromiseBroken
from ops.live_check.target import Target
from ops.live_check.upload import Uploaded

from .targets import ScriptedLogs, found, target_of

VIDEO = Uploaded("a.mp4", "f1", b"")
CONVERT, NOTIFY, AUDIT = (pushes.REACHED.format(name) for name in ("convert", "notify", "audit"))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "SECONDS", 0)


def a_video(state: str, audio: str) -> Target:
    return target_of(lambda _: httpx.Response(200, json={"media": {"state": state}, "audio": {"state": audio}}))


def nothing(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"media": {"state": "processing"}, "audio": {"state": "queued"}, "items": []})


@pytest.mark.parametrize(("state", "audio"), [("ready", "queued"), ("failed", "skipped"), ("processing", "running")])
def test_a_video_that_was_looked_at_proves_the_push_to_convert(state: str, audio: str) -> None:
    target = a_video(state, audio)
    pushes.convert(target, VIDEO)
    assert found(target)[CONVERT][1] == HELD


def test_a_video_that_nobody_looked_at_is_a_broken_promise_with_its_reason() -> None:
    target = target_of(nothing, ScriptedLogs({"convert": [{"push_signature": "refused"}]}))
    with pytest.raises(PromiseBroken):
        pushes.convert(target, VIDEO)
    assert found(target)[CONVERT] == (pushes.ADVICE, BROKEN)
    silent = target_of(nothing, ScriptedLogs(closed="no rights"))
    with pytest.raises(PromiseBroken):
        pushes.convert(silent, VIDEO)
    assert found(silent)[CONVERT] == ("nothing within 0 s", BROKEN)


def test_a_line_about_this_user_proves_the_push_without_an_admin() -> None:
    message = {"event_id": "account.created:ada", "type": "account.created", "uid": "ada", "result": "mail delivered"}
    target = target_of(nothing, ScriptedLogs({"notify": [{"push": {**message, "uid": "bob"}}, {"push": message}]}))
    pushes.notify(target, "ada")
    assert found(target)[NOTIFY] == ("account.created: mail delivered", HELD)
    with pytest.raises(PromiseBroken):
        pushes.audit(target, "ada")
    assert found(target)[AUDIT] == ("nothing within 0 s", BROKEN)


def test_somebody_else_s_messages_prove_nothing() -> None:
    message = {"event_id": "e", "type": "video.ready", "uid": "bob", "result": "recorded"}
    target = target_of(nothing, ScriptedLogs({"audit": [{"push": message}]}))
    with pytest.raises(PromiseBroken):
        pushes.audit(target, "ada")


def test_where_logs_are_closed_an_admin_looks_and_else_nobody_does() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.headers['authorization']} {request.url.raw_path.decode()}")
        return httpx.Response(200, json={"items": [{}] if "deliveries" in request.url.path else []})

    target = target_of(answer, ScriptedLogs(closed="reading the logs: 403"))
    target.token = "ada"
    pushes.notify(target, "ada")
    assert found(target)[NOTIFY] == ("needs LIVE_CHECK_ADMIN_TOKEN, or reading the logs: 403", NOT_ASKED)
    target.admin_token = "root"
    pushes.notify(target, "ada")
    assert target.report.findings[-1].verdict == HELD
    with pytest.raises(PromiseBroken):
        pushes.audit(target, "ada")
    assert asked == [
        "Bearer root /v1/admin/deliveries?user_id=ada",
        "Bearer ada /v1/admin/audit?limit=1",  # which is published; the upload before it was not
        "Bearer root /v1/admin/audit?user_id=ada&action=logs.read",
    ]


def test_what_confines_ffmpeg_is_an_answer() -> None:
    logs = ScriptedLogs({"convert": [{"confinement": "complete"}, {"confinement": "complete"}, {"x": 1}]})
    target = target_of(nothing, logs)
    pushes.confinement(target)
    assert found(target)[pushes.CONFINED] == ("complete", ANSWER)
    logs.closed = "no rights"
    pushes.confinement(target)
    assert target.report.findings[-1].verdict == NOT_ASKED


def test_the_kind_of_token_is_an_answer() -> None:
    logs = ScriptedLogs({"convert": [{"push_signature": "removed"}], "audit": [{"push_signature": "checked"}, {"x": 1}]})
    target = target_of(nothing, logs)
    pushes.kind(target)
    assert found(target)[pushes.KIND] == ("convert: removed; audit: checked", ANSWER)
    logs.closed = "no rights"
    pushes.kind(target)
    assert target.report.findings[-1].verdict == NOT_ASKED
