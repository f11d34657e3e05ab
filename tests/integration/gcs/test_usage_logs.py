"""Usage logs as Cloud Storage writes them, and what else it may do."""

import csv
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from reelgate.domain.usage.egress_tags import PARAMETER
from reelgate.domain.usage.usage_logs import LogReader, is_usage_log
from tests.fixtures.usage_logs import COLUMNS
from tests.integration.gcs.conftest import WEB, Bucket, Emulator

DATA = bytes(range(256)) * 4096 * 64  # more than a socket's buffers take
TAG = "f1:1800000000"
OBJECT = "ada/f1/a,b.mp4"


@pytest.fixture
def logs(emulator: Emulator, bucket: Bucket) -> Iterator[str]:
    """The name of the log bucket of `bucket`, whose requests are logged from now on."""
    name = f"{bucket.name}-logs"
    assert emulator.http.post("/storage/v1/b", json={"name": name}).status_code == 200
    assert bucket.upload(OBJECT, DATA).status_code == 200
    settings = {"logging": {"logBucket": name, "logObjectPrefix": "films"}}
    assert emulator.http.patch(f"/storage/v1/b/{bucket.name}", json=settings).json()["logging"] == settings["logging"]
    emulator.http.post("/_emulator/usage-logs/flush", json={"leave_out": 1000})  # the request that has set it
    yield name
    emulator.http.patch(f"/storage/v1/b/{bucket.name}", json={"logging": None})


def wait_for(emulator: Emulator, bucket: Bucket, rows: int) -> None:
    """A row is noted when its answer has been sent, which is a moment after the client has it."""
    until = time.monotonic() + 20
    while emulator.http.get("/_emulator/usage-logs").json()["waiting"].get(bucket.name, 0) < rows:
        assert time.monotonic() < until
        time.sleep(0.01)


def url_of(emulator: Emulator, bucket: Bucket) -> str:
    return emulator.signed("GET", f"/{bucket.name}/ada/f1/a%2Cb.mp4", query={PARAMETER: TAG})


def flush(emulator: Emulator, logs: str, **how: Any) -> list[list[dict[str, str]]]:
    """Write what waits; return the rows of each object of the log bucket that this made."""
    written = emulator.http.post("/_emulator/usage-logs/flush", json=how).json()["written"]
    objects = []
    for one in written:
        if one["bucket"] != logs:
            continue
        assert is_usage_log(one["name"])
        assert re.fullmatch(r"films_usage_\d{4}_\d\d_\d\d_\d\d_00_00_[0-9a-f]{6}_v0", one["name"])
        text = emulator.http.get(f"/download/storage/v1/b/{logs}/o/{one['name']}?alt=media").text
        assert text.splitlines()[0] == ",".join(f'"{name}"' for name in COLUMNS)
        rows = list(csv.DictReader(text.splitlines()))
        assert len(rows) == one["rows"]
        objects.append(rows)
    return objects


def test_a_row_for_each_request_with_the_bytes_that_were_sent(emulator: Emulator, bucket: Bucket, logs: str) -> None:
    url = url_of(emulator, bucket)
    agent = {"User-Agent": 'Mozilla/5.0 (X11, "Linux"),gzip(gfe)', "Referer": "https://player.example/"}
    assert WEB.get(url, headers={**agent, "Range": "bytes=10-29"}).status_code == 206
    assert WEB.get(url, headers=agent).status_code == 200
    assert WEB.get(url.replace("ada", "bob")).status_code == 403
    assert WEB.head(emulator.signed("HEAD", f"/{bucket.name}/ada/f1/a%2Cb.mp4")).status_code == 200
    assert bucket.resource("ada%2Ff1%2Fa,b.mp4").status_code == 200
    wait_for(emulator, bucket, 5)
    [rows] = flush(emulator, logs)
    assert [(row["cs_operation"], row["sc_status"]) for row in rows[:4]] == [
        ("GET_Object", "206"),
        ("GET_Object", "200"),
        ("GET_Object", "403"),
        ("HEAD_Object", "200"),
    ]
    assert [row["sc_bytes"] for row in (rows[0], rows[1], rows[3])] == ["20", str(len(DATA)), "0"]
    assert rows[4]["cs_operation"] == "storage.objects.get"
    first = rows[0]
    assert (first["cs_bucket"], first["cs_object"], first["cs_method"]) == (bucket.name, OBJECT, "GET")
    assert (first["cs_user_agent"], first["cs_referer"]) == (agent["User-Agent"], agent["Referer"])
    assert (first["c_ip"], first["c_ip_type"], first["cs_host"]) == ("127.0.0.1", "1", emulator.host)
    assert first["cs_uri"] == url.removeprefix(emulator.url)
    assert len({row["s_request_id"] for row in rows}) == len(rows)
    assert flush(emulator, logs) == []


def test_what_is_written_is_what_the_product_reads(emulator: Emulator, bucket: Bucket, logs: str) -> None:
    WEB.get(url_of(emulator, bucket), headers={"Range": "bytes=0-9"})
    wait_for(emulator, bucket, 1)
    [written] = emulator.http.post("/_emulator/usage-logs/flush", json={"foreign": True}).json()["written"]
    content = emulator.http.get(f"/download/storage/v1/b/{logs}/o/{written['name']}?alt=media").content
    reader = LogReader({bucket.name})
    [sent] = reader.sent(content.split(b"\n"))
    assert (sent.uid, sent.file_id, sent.tag, sent.size) == ("ada", "f1", TAG, 10)
    assert reader.counts.as_fields() == {"lines": 2, "other": 1, "broken": 0, "free_bytes": 0}


def test_of_a_download_that_breaks_off_what_was_sent(emulator: Emulator, bucket: Bucket, logs: str) -> None:
    url = url_of(emulator, bucket)
    with socket.create_connection(("127.0.0.1", emulator.port)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.sendall(f"GET {url.removeprefix(emulator.url)} HTTP/1.1\r\nHost: {emulator.host}\r\n\r\n".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 200")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    fault = {"target_contains": PARAMETER, "drop_download_after_bytes": 5000, "times": 1}
    emulator.http.put("/_emulator/faults", json={"rules": [fault]})
    with pytest.raises(Exception, match=r"(?i)peer|closed|reset|disconnected"):
        WEB.get(url)
    wait_for(emulator, bucket, 2)
    [rows] = flush(emulator, logs)
    rows.sort(key=lambda row: int(row["sc_bytes"]))
    assert (rows[0]["sc_status"], rows[0]["sc_bytes"]) == ("200", "5000")
    assert 0 < int(rows[1]["sc_bytes"]) < len(DATA)


def test_faults_on_request(emulator: Emulator, bucket: Bucket, logs: str) -> None:
    url = url_of(emulator, bucket)

    def watch(count: int) -> None:
        for number in range(count):
            WEB.get(url, headers={"Range": f"bytes=0-{number}"})
        wait_for(emulator, bucket, count)

    def sizes(groups: list[list[dict[str, str]]]) -> list[list[int]]:
        return [[int(row["sc_bytes"]) for row in rows] for rows in groups]

    watch(4)
    assert sizes(flush(emulator, logs, objects=2, hold_back=1)) == [[1, 3], [2]]
    assert sizes(flush(emulator, logs)) == [[4]]
    watch(2)
    assert sizes(flush(emulator, logs, doubled=True)) == [[1, 2], [1, 2]]
    watch(2)
    assert sizes(flush(emulator, logs, leave_out=1)) == [[2]]
    watch(1)
    assert sizes(flush(emulator, logs, again=True)) == [[1, 2, 3, 4, 1, 2, 2, 1]]
    for wrong in ({"objects": 0}, {"hold_back": -1}, {"doubled": 1}, {"unheard-of": True}):
        assert emulator.http.post("/_emulator/usage-logs/flush", json=wrong).status_code == 400


def test_without_a_log_bucket_nothing_is_noted(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("a.mp4", b"x")
    assert bucket.name not in emulator.http.get("/_emulator/usage-logs").json()["waiting"]
    assert emulator.http.post("/_emulator/usage-logs/flush").json() == {"written": []}
