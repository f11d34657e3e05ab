"""Logs are read back from Cloud Logging, or from the files of the local cloud, and only those of this run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from ops.live_check.logs import CannotRead, CloudLogs, LocalLogs

SINCE = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)


def cloud_logs(status: int, content: object, asked: list[httpx.Request] | None = None) -> CloudLogs:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return httpx.Response(status, json=content)

    web = httpx.Client(transport=httpx.MockTransport(answer))
    return CloudLogs("my-videos-1", "reelgate", lambda: {"Authorization": "Bearer t"}, web, since=SINCE, wait=lambda _: None)


def test_a_function_s_lines_are_asked_for_by_service_member_and_time() -> None:
    asked: list[httpx.Request] = []
    logs = cloud_logs(200, {"entries": [{"jsonPayload": {"push": {"uid": "ada"}}}, {"textPayload": "x"}]}, asked)
    assert logs.lines("stream_url", "push.uid") == [{"push": {"uid": "ada"}}]
    assert logs.lines("stream_url", "push_signature", before=True) == [{"push": {"uid": "ada"}}]
    first, second = (json.loads(request.content) for request in asked)
    assert str(asked[0].url) == "https://logging.googleapis.com/v2/entries:list"
    assert asked[0].headers["authorization"] == "Bearer t"
    assert first["resourceNames"] == ["projects/my-videos-1"]
    assert first["filter"] == (
        'resource.type="cloud_run_revision" AND timestamp>="2026-11-20T10:20:00+00:00"'
        ' AND resource.labels.service_name="reelgate-stream-url" AND jsonPayload.push.uid:*'
    )
    assert 'timestamp>="2026-11-19T10:20:00+00:00"' in second["filter"]


def test_a_text_is_counted_in_all_functions() -> None:
    asked: list[httpx.Request] = []
    assert cloud_logs(200, {"entries": [{"textPayload": "WORKER TIMEOUT (pid:7)"}]}, asked).mentions("WORKER TIMEOUT") == 1
    assert 'resource.labels.service_name:"reelgate-" AND textPayload:"WORKER TIMEOUT"' in json.loads(asked[0].content)["filter"]
    assert cloud_logs(200, {}).mentions("WORKER TIMEOUT") == 0


def test_who_may_not_read_is_told_what_to_ask_instead() -> None:
    with pytest.raises(CannotRead, match=r"403; grant yourself roles/logging.viewer, or ask: gcloud logging read 'resource"):
        cloud_logs(403, {"error": {}}).lines("audit", "push.uid")
    nobody = CloudLogs("my-videos-1", "reelgate", None, httpx.Client())
    with pytest.raises(CannotRead, match="gcloud auth application-default login"):
        nobody.mentions("x")


def test_no_answer_is_no_empty_log() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no way")

    web = httpx.Client(transport=httpx.MockTransport(answer))
    with pytest.raises(CannotRead, match="ConnectError"):
        CloudLogs("my-videos-1", "reelgate", dict, web, wait=lambda _: None).lines("audit", "push.uid")


def test_cloud_logging_is_not_asked_more_often_than_it_answers() -> None:
    statuses = iter([200, 429, 503, 200, 429, 429, 429])
    waited: list[float] = []
    web = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(next(statuses), json={"entries": []})))
    logs = CloudLogs("my-videos-1", "reelgate", dict, web, wait=waited.append)
    assert logs.mentions("x") == logs.mentions("x") == 0
    with pytest.raises(CannotRead, match="429"):
        logs.mentions("x")
    assert waited == [2, 2, 30, 30, 2, 30, 30]


def test_of_the_local_cloud_s_files_only_what_came_since_counts(tmp_path: Path) -> None:
    audit = tmp_path / "audit.log"
    audit.write_text('{"push": {"uid": "earlier"}}\n')
    logs = LocalLogs(tmp_path)
    with audit.open("a") as file:
        file.write(
            '--- audit started\n{"push": {"uid": "ada"}}\n{"push": "odd"}\n[CRITICAL] WORKER TIMEOUT (pid:7)\n{"push": {"u'
        )
    assert logs.lines("audit", "push.uid") == [{"push": {"uid": "ada"}}]
    assert [line["push"]["uid"] for line in logs.lines("audit", "push.uid", before=True)] == ["earlier", "ada"]
    assert logs.mentions("WORKER TIMEOUT") == 1
    with pytest.raises(CannotRead, match=r"notify\.log"):
        logs.lines("notify", "push.uid")
    (tmp_path / "late.log").write_text("WORKER TIMEOUT\n")
    assert logs.mentions("WORKER TIMEOUT") == 2
