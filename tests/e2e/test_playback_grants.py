"""Playback grants on the running system: made, shown and ended; their tokens are written down nowhere."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from reelgate.domain.playback.grants import TOKENS
from tests.e2e.people import Person
from tests.e2e.test_deleting_users import documents


def a_video(person: Person) -> str:
    """Upload a video and return its id."""
    return str(person.upload(f"{secrets.token_hex(6)}.mp4", b"video")["file_id"])


def share(person: Person, video_id: str, *, key: str | None = None, **terms: Any) -> dict[str, Any]:
    """Make a grant of a video."""
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = person.api.post(f"/v1/videos/{video_id}/grants", json=terms, headers=headers)
    assert answer.status_code == 201, answer.text
    grant: dict[str, Any] = answer.json()
    return grant


def states(person: Person, video_id: str) -> list[str]:
    """Return the states of a video's grants, newest first."""
    return [one["state"] for one in person.api.get(f"/v1/videos/{video_id}/grants").json()["items"]]


def test_from_sharing_to_revoking(person: Person, another: Person) -> None:
    video_id = a_video(person)
    first = share(person, video_id, label="for Bob", seconds=3600, origins=["https://example.com"], max_plays=2, max_bytes=1000)
    second = share(person, video_id)
    listed = person.api.get(f"/v1/videos/{video_id}/grants").json()["items"]
    assert [one["grant_id"] for one in listed] == [second["grant_id"], first["grant_id"]]
    assert first["token"] not in str(listed)
    assert listed[1] == {name: first[name] for name in listed[1]}
    for path in (f"/v1/grants/{first['grant_id']}", f"/v1/videos/{video_id}/grants"):
        for method in ("GET", "DELETE"):
            assert another.api.request(method, path).status_code == 404
    assert person.api.delete(f"/v1/grants/{first['grant_id']}").status_code == 204
    assert states(person, video_id) == ["active", "revoked"]
    assert person.api.delete(f"/v1/videos/{video_id}/grants").status_code == 204
    assert states(person, video_id) == ["revoked", "revoked"]
    share(person, video_id)
    assert states(person, video_id) == ["active", "revoked", "revoked"]
    assert person.api.delete(f"/v1/videos/{video_id}").status_code == 204
    assert states(person, video_id)[0] == "video_deleted"
    assert person.api.post(f"/v1/videos/{video_id}/restore").status_code == 200
    assert states(person, video_id) == ["revoked"] * 3
    person.assert_books_right()


def test_disabling_the_owner_ends_grants_for_good(person: Person, admin: Person) -> None:
    video_id = a_video(person)
    share(person, video_id)
    for disabled in (True, False):
        admin.api.patch(f"/v1/admin/users/{person.uid}", json={"disabled": disabled}).raise_for_status()
        assert states(person, video_id) == ["account_disabled"]


def test_a_creation_that_is_repeated_at_once_makes_one_grant(person: Person) -> None:
    video_id, key = a_video(person), secrets.token_hex(16)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: share(person, video_id, key=key, seconds=600), range(8)))
    assert len({one["token"] for one in made}) == 1
    assert len(states(person, video_id)) == 1


def test_tokens_are_written_down_nowhere(cloud: Mapping[str, str], person: Person) -> None:
    """Not in the database, in the log of no function, and not in that of the gateway: only in the answer."""
    video_id = a_video(person)
    tokens = [share(person, video_id, key=secrets.token_hex(16))["token"], share(person, video_id)["token"], TOKENS.new().text]
    with httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60) as viewer:
        for token in tokens:
            for path in (f"/v1/play/{token}", f"/v1/play/{token}/master.m3u8", f"/watch/{token}", f"/v1/grants/{token}"):
                viewer.get(path)
                viewer.get(path, headers={"Origin": "https://other.example"})
                viewer.post(path, json={})
                person.api.get(path)
    time.sleep(2)  # audit events arrive
    everything = list(documents(cloud))
    assert any(video_id in text for text in everything)
    for text in everything:
        assert not any(token.split("_")[2] in text for token in tokens)
    logs = list(Path(cloud["REELGATE_STATE"]).rglob("*.log"))
    assert {"gateway", "stream_url"} <= {log.stem for log in logs}
    for log in logs:
        content = log.read_text(errors="replace")
        assert not any(token.split("_")[2] in content for token in tokens), log


def test_a_deleted_user_s_grants_are_removed(cloud: Mapping[str, str], person: Person) -> None:
    grant = share(person, a_video(person), label=f"label-{secrets.token_hex(8)}")
    assert person.api.get("/v1/me/export").json()["grants"][0]["label"] == grant["label"]
    assert person.api.delete("/v1/me").status_code in {202, 204}
    until = time.monotonic() + 30
    while any(grant["label"] in text or f"/grants/{grant['grant_id']}" in text for text in documents(cloud)):
        assert time.monotonic() < until
        time.sleep(0.5)
