"""Firestore's emulator is used before it counts as ready, and nothing is left of that."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.supervisor.loopback import request
from localcloud.supervisor.processes.readiness import until_ready
from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.services.warm_up import PROJECT, WarmUpError, warm_up_firestore
from localcloud.supervisor.state.folder import StateFolder
from tests.fixtures.scripted_server import Answer, scripted_server

KINDS = ("batchGet", "commit", "runQuery")


@pytest.mark.emulator
def test_nothing_is_left_and_it_can_be_done_again(firestore_host: str) -> None:
    port = int(firestore_host.rpartition(":")[2])
    for _ in range(2):
        warm_up_firestore(port)
    path = f"/v1/projects/{PROJECT}/databases/(default)/documents:runQuery"
    query = {"structuredQuery": {"from": [{"collectionId": "warm", "allDescendants": True}]}}
    found = json.loads(request(port, "POST", path, body=query, headers={"Authorization": "Bearer owner"}).body)
    assert [one for one in found if "document" in one] == []


def test_every_kind_of_call_of_the_functions_is_made_and_a_refusal_is_told() -> None:
    with scripted_server() as server:
        port = int(server.host.rpartition(":")[2])
        warm_up_firestore(port)
        assert {asked.target.rpartition(":")[2] for asked in server.asked} == set(KINDS)
        server.script = lambda _: Answer(500, b"no more memory")
        with pytest.raises(WarmUpError, match="500 no more memory"):
            warm_up_firestore(port)


def test_the_cloud_s_firestore_is_not_ready_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StateFolder(1, tmp_path)
    state.create()
    with scripted_server() as server:
        port = int(server.host.rpartition(":")[2])
        monkeypatch.setattr("localcloud.supervisor.services.factory.port_of", lambda *_: port)
        [part] = ServiceFactory(state, os.environ).make(("firestore",))
        asyncio.run(until_ready(replace(part, port=port)))
        assert server.asked[0].method == "GET"
        assert {asked.method for asked in server.asked[1:]} == {"POST"}
        assert len(server.asked) > len(KINDS)
