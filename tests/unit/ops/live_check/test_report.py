"""The report tells promises from assumptions, and never a secret; the target cleans up whatever happens."""

from __future__ import annotations

import httpx
import pytest

from localcloud.supervisor.polling import wait_for
from ops.live_check.__main__ import main
from ops.live_check.report import AGREES, BROKEN, DIFFERS, HELD, PromiseBroken, Report
from ops.live_check.target import pieces, shown

from .targets import target_of

SIGNED = "https://storage.example/b/o?X-Goog-Algorithm=A&X-Goog-Credential=me%2F1&X-Goog-Signature=abc123&x=1"


def test_a_broken_promise_ends_what_depends_on_it_and_is_counted() -> None:
    report = Report(say=lambda _: None)
    report.promise("a", "holds", True, "200", "200")
    with pytest.raises(PromiseBroken):
        report.promise("a", "does not", False, "500", "200")
    report.assumption("b", "same", "410", "410")
    report.assumption("b", "other", "404", "410")
    report.answer("b", "which", "this one")
    report.not_asked("b", "why", "no credentials")
    report.not_yet("b", "when", "hours later")
    assert [report.count(verdict) for verdict in (HELD, BROKEN, AGREES, DIFFERS)] == [1, 1, 1, 1]
    assert report.summary() == "1 held, 1 BROKEN, 1 agrees, 1 DIFFERS, 1 answer, 1 not yet, 1 not asked"
    assert "| b | other | 404 | 410 | DIFFERS |" in report.table()


def test_no_secret_is_printed() -> None:
    lines: list[str] = []
    report = Report(say=lines.append)
    report.keep_secret("hunter2", "")
    report.assumption("a", "hunter2?", f"hunter2 at {SIGNED} with Bearer eyJ.x.y", "https://s.example/u?upload_id=ABC|DEF")
    told = "\n".join([*lines, report.table()])
    for secret in ("hunter2 at", "abc123", "me%2F1", "eyJ", "ABC"):
        assert secret not in told
    assert "X-Goog-Signature=***" in told


def test_everything_is_undone_last_things_first_and_what_cannot_be_is_told() -> None:
    undone: list[str] = []
    target = target_of(lambda request: httpx.Response(500, text="no"))
    target.later("first", lambda: undone.append("first"))
    target.later("user ada", lambda: target.ask("PATCH", "/admin/users/ada", 200))
    target.later("last", lambda: undone.append("last"))
    assert target.clean_up() == ["user ada (PromiseBroken)"]
    assert undone == ["last", "first"]
    assert target.clean_up() == []


def test_503_is_asked_again_and_other_answers_are_not() -> None:
    asked: list[str] = []
    statuses = iter([503, 503, 200, 500])

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("authorization", ""))
        return httpx.Response(next(statuses), json={}, headers={"Retry-After": "1"})

    target = target_of(answer)
    target.token = "t"
    assert target.api("GET", "/me").status_code == 200
    assert target.api("GET", "/me", token="").status_code == 500
    assert asked == ["Bearer t"] * 3 + [""]


def test_a_code_is_read_out_of_every_form_of_error() -> None:
    xml = httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>", headers={"Content-Type": "application/xml"})
    ours = httpx.Response(404, json={"code": "not_found", "error": "Not found"})
    google = httpx.Response(403, json={"error": {"code": 403, "status": "PERMISSION_DENIED"}})
    gateway = httpx.Response(404, json={"code": 404, "message": "no such path"})
    odd = httpx.Response(500, text="[1]", headers={"Content-Type": "application/json"})
    seen = [shown(answer) for answer in (xml, ours, google, gateway, odd, httpx.Response(200, json={"code": "x"}))]
    assert seen == ["403 AccessDenied", "404 not_found", "403 PERMISSION_DENIED", "404 404", "500", "200"]


def test_a_body_breaks_off_where_it_shall() -> None:
    data = bytes(range(256)) * 1024
    assert b"".join(pieces(data)) == data
    cut = pieces(data, break_after=128 * 1024)
    sent = [next(cut), next(cut)]
    with pytest.raises(ConnectionAbortedError):
        next(cut)
    assert b"".join(sent) == data[: 128 * 1024]


def test_waiting_ends() -> None:
    looks = iter([None, None, "there"])
    assert wait_for(lambda: next(looks), seconds=5, poll_seconds=0) == "there"
    assert wait_for(lambda: None, seconds=0) is None


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["--local", "--register"], "emulator.sh env"),
        (["--api-url", "https://a.example", "--register"], "--project, --bucket"),
        (["--api-url", "https://a.example", "--project", "p", "--bucket", "b"], "--register"),
        (["--api-url", "u", "--project", "p", "--bucket", "b", "--register", "--report", "/no/such/r.md"], "/no/such"),
    ],
)
def test_what_is_missing_is_said(
    arguments: list[str], missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.live_check.__main__._operator", lambda: None)
    assert main(arguments, {}) == 2
    assert missing in capsys.readouterr().err


def test_who_only_looks_for_rows_of_logs_needs_no_account(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.live_check.__main__._operator", lambda: None)
    arguments = ["--api-url", "https://a.example", "--project", "p", "--bucket", "b", "--usage-logs"]
    assert main(arguments, {}) == 0
    assert "3 not asked" in capsys.readouterr().out
