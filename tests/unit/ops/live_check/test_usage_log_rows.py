"""Usage logs come hours after a run: it leaves a note, and a later one finds the rows, waits for them, or gives up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from ops.live_check.checks import usage_logs
from ops.live_check.report import AGREES, ANSWER, DIFFERS, NOT_ASKED, NOT_YET
from tests.fixtures.usage_logs import Row, log_name, log_row, log_text

from .bucket import PIECE, FakeStorage
from .targets import found

RUN = "0123456789ab"
NOTE = f"live-check/notes/{RUN}/usage-logs"
QUESTIONS = (usage_logs.RANGE, usage_logs.BROKEN_OFF, usage_logs.CAME)
FILE = 8 * PIECE


@pytest.fixture(autouse=True)
def a_small_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_logs, "FILE_BYTES", FILE)


def after_a_run(hours: float) -> FakeStorage:
    """Return the storage that a run has left so long ago."""
    cloud = FakeStorage()
    storage = cloud.storage(run=RUN)
    usage_logs.ask(storage)
    assert storage.target.clean_up() == []
    assert {verdict for _, verdict in found(storage.target).values()} == {NOT_YET}
    cloud.times["media", NOTE] = datetime.now(UTC) - timedelta(hours=hours)
    return cloud


def asked(cloud: FakeStorage, *, only_look: bool = False) -> dict[str, tuple[str, str]]:
    """Return what another run says of it, by question."""
    storage = cloud.storage()
    usage_logs.ask(storage, only_look=only_look)
    assert storage.target.clean_up() == []
    return found(storage.target)


def row(what: str, sent: int, *, status: str = "206", mark: str | None = f"free:live-check-{RUN}", **more: str) -> Row:
    """Return the row of one of the run's downloads."""
    at = datetime.now(UTC) - timedelta(hours=1.5)
    times = {"time_micros": str(int(at.timestamp() * 1_000_000))}
    name = f"live-check/runs/{RUN}/logged-{what} ü"
    return log_row(name, mark, sent, sc_status=status, **times, **more)


def whole(**more: str) -> list[Row]:
    """Return both rows as they are assumed."""
    return [row("range", 1000, **more), row("broken", 3 * PIECE, status="200", **more)]


def test_a_run_leaves_a_note_that_the_bucket_removes_if_nobody_comes_back() -> None:
    cloud = after_a_run(0)
    assert cloud.names("media") == [NOTE]
    assert datetime.fromisoformat(cloud.custom_times["media", NOTE]) <= datetime.now(UTC)
    ranged, broken = cloud.downloads
    assert ranged.headers["range"] == "bytes=0-999"
    assert "range" not in broken.headers
    marks = {request.url.params[usage_logs.PARAMETER] for request in cloud.downloads}
    assert marks == {f"free:live-check-{RUN}"}


def test_rows_that_came_are_the_answer_and_the_note_is_removed() -> None:
    cloud = after_a_run(2)
    others = [row("range", 7, cs_method="POST"), log_row("ada/v1/a.mp4", "free:poster", 9)]
    cloud.put("usage-logs", "something else", b"")
    cloud.put("usage-logs", log_name(1), log_text([*others, *whole()]))
    cloud.put("usage-logs", log_name(2), log_text(whole()))  # a row may come twice
    seen = asked(cloud, only_look=True)
    assert [seen[question][1] for question in QUESTIONS] == [AGREES, AGREES, ANSWER]
    assert seen[usage_logs.CAME][0] == (
        f"1.5 hours after the download; sc_bytes {3 * PIECE} of {FILE} where {PIECE} arrived; cs_object is not encoded"
    )
    assert cloud.names("media") == []


@pytest.mark.parametrize("rows", [[], whole()[:1]], ids=["none", "one"])
def test_before_the_logs_have_come_it_says_not_yet_and_downloads_nothing_again(rows: list[Row]) -> None:
    cloud = after_a_run(6.9)
    cloud.put("usage-logs", log_name(), log_text(rows))
    seen = asked(cloud)
    assert [seen[question][1] for question in QUESTIONS] == [NOT_YET] * 3
    assert "run again with --usage-logs" in seen[usage_logs.RANGE][0]
    assert cloud.names("media") == [NOTE]
    assert len(cloud.downloads) == 2


def test_when_no_row_comes_in_time_that_is_the_answer() -> None:
    cloud = after_a_run(7.1)
    cloud.put("usage-logs", log_name(1), log_text(whole()[:1]))
    seen = asked(cloud)
    assert seen[usage_logs.RANGE][1] == AGREES
    assert seen[usage_logs.BROKEN_OFF] == ("no row after 7.1 hours", DIFFERS)
    assert seen[usage_logs.CAME] == ("no row after 7.1 hours", NOT_ASKED)
    assert cloud.names("media") == []


def test_logs_of_the_hours_before_are_not_read() -> None:
    cloud = after_a_run(2)
    cloud.put("usage-logs", log_name(), log_text(whole()), made=datetime.now(UTC) - timedelta(hours=3))
    assert asked(cloud)[usage_logs.RANGE][1] == NOT_YET


@pytest.mark.parametrize(
    ("sent", "share"),
    [
        (str(PIECE - 1), "less than arrived"),
        (str(PIECE), "what arrived or more but not all"),
        (str(FILE - 1), "what arrived or more but not all"),
        (str(FILE), "the whole file"),
        ("", "no number of bytes"),
    ],
)
def test_the_bytes_of_a_broken_download_are_compared_with_what_arrived(sent: str, share: str) -> None:
    cloud = after_a_run(2)
    cloud.put("usage-logs", log_name(), log_text([row("range", 1000), row("broken", 0, status="200", sc_bytes=sent)]))
    seen, verdict = asked(cloud)[usage_logs.BROKEN_OFF]
    assert seen == f"200 GET_Object, {share}, the mark is in cs_uri"
    assert verdict == (AGREES if share.startswith("what") else DIFFERS)


def test_a_log_without_the_mark_or_of_more_bytes_differs() -> None:
    cloud = after_a_run(2)
    rows = [row("range", 1500, mark=None, cs_operation=""), row("broken", 600, status="206", mark="free:poster")]
    cloud.put("usage-logs", log_name(), log_text(rows))
    seen = asked(cloud)
    assert seen[usage_logs.RANGE] == ("206 no operation, 1500 bytes, the mark is not in cs_uri", DIFFERS)
    assert seen[usage_logs.BROKEN_OFF][0].startswith("206 GET_Object, what arrived or more")
    assert seen[usage_logs.BROKEN_OFF][0].endswith("the mark is not in cs_uri")


def test_an_encoded_name_is_found_and_said() -> None:
    cloud = after_a_run(2)
    encoded = quote(f"live-check/runs/{RUN}/logged-broken ü", safe="")
    rows = [row("range", 1000), row("broken", 600, status="200", cs_object=encoded)]
    cloud.put("usage-logs", log_name(), log_text(rows))
    assert asked(cloud)[usage_logs.CAME][0].endswith("cs_object is encoded")


@pytest.mark.parametrize("status", [403, 404])
def test_without_logs_or_the_right_to_read_them_no_note_is_left(status: int) -> None:
    cloud = FakeStorage(refuses={"usage-logs": status})
    seen = asked(cloud)
    assert {verdict for _, verdict in seen.values()} == {NOT_ASKED}
    assert seen[usage_logs.RANGE][0].startswith(f"listing usage-logs: {status}; set Terraform's usage_logs, and grant")
    assert not cloud.objects
    assert not cloud.downloads


def test_who_only_looks_leaves_nothing() -> None:
    cloud = FakeStorage()
    seen = asked(cloud, only_look=True)
    assert seen[usage_logs.RANGE] == ("no earlier run has left a note: run it without --usage-logs first", NOT_ASKED)
    assert not cloud.objects


def test_a_note_whose_logs_are_gone_is_replaced() -> None:
    cloud = after_a_run(7 * 24 + 1)
    assert asked(cloud)[usage_logs.RANGE][1] == NOT_YET
    assert len(cloud.names("media")) == 1
    assert NOTE not in cloud.names("media")
    assert len(cloud.downloads) == 4


def test_a_log_in_another_form_is_said() -> None:
    cloud = after_a_run(2)
    cloud.put("usage-logs", log_name(), b'"time_micros","c_ip"\n')
    seen, verdict = asked(cloud)[usage_logs.RANGE]
    assert verdict == NOT_ASKED
    assert "lacks columns: cs_method, cs_object" in seen
    assert cloud.names("media") == [NOTE]


def test_no_signature_of_a_log_is_printed() -> None:
    cloud = after_a_run(2)
    cloud.put("usage-logs", log_name(), log_text(whole()))
    storage = cloud.storage()
    usage_logs.ask(storage)
    assert "5ec2e7" not in storage.target.report.table()
