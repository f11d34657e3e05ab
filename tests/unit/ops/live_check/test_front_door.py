"""What the front door does to headers, forms and functions that were idle."""

from __future__ import annotations

import httpx
import pytest

from ops.live_check.checks import addresses, gateway, older, pauses
from ops.live_check.report import AGREES, BROKEN, DIFFERS, HELD, NOT_ASKED, PromiseBroken
from ops.live_check.target import Target
from ops.live_check.upload import Uploaded
from tests.fixtures.api_client import FUNCTIONS

from .targets import ScriptedLogs, found, target_of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "SECONDS", 0)


def with_forwarded(plain: int, forged: int, proxies: int) -> tuple[Target, list[str | None]]:
    """Return a deployment that logs so many entries without and with one of the client's own, and what the client sent."""
    logs, sent = ScriptedLogs({"accounts": [{"forwarded_for_entries": 9, "request_id": "another"}]}), list[str | None]()

    def answer(request: httpx.Request) -> httpx.Response:
        own = request.headers.get("x-forwarded-for")
        sent.append(own)
        line = {"forwarded_for_entries": forged if own else plain, "proxies_in_front": proxies, "request_id": f"r{len(sent)}"}
        logs.written["accounts"].append(line)
        return httpx.Response(401, json={}, headers={"X-Request-Id": f"r{len(sent)}"})

    return target_of(answer, logs), sent


@pytest.mark.parametrize("forged", [2, 3])
def test_the_client_stands_where_it_is_looked_for(forged: int) -> None:
    target, sent = with_forwarded(2, forged, 1)
    addresses.entries(target)
    assert [verdict for _, verdict in found(target).values()] == [HELD, HELD]
    assert sent == [None, addresses.FORGERY]


@pytest.mark.parametrize(
    ("plain", "proxies", "seen"),
    [
        (1, 1, "entries: 1, REELGATE_PROXIES_IN_FRONT: 1; set it to 0"),
        (3, 1, "entries: 3, REELGATE_PROXIES_IN_FRONT: 1; set it to 2"),
        (0, 1, "entries: 0, REELGATE_PROXIES_IN_FRONT: 1; no address arrives"),
    ],
)
def test_another_number_of_proxies_is_said(plain: int, proxies: int, seen: str) -> None:
    target, _ = with_forwarded(plain, plain + 1, proxies)
    with pytest.raises(PromiseBroken):
        addresses.entries(target)
    assert found(target)[addresses.PLAIN] == (seen, BROKEN)


@pytest.mark.parametrize("forged", [1, 4])
def test_a_forgery_that_moves_the_client_breaks_the_promise(forged: int) -> None:
    target, _ = with_forwarded(2, forged, 1)
    with pytest.raises(PromiseBroken):
        addresses.entries(target)
    assert found(target)[addresses.FORGED] == (f"entries: {forged}", BROKEN)


def test_without_a_line_of_this_login_nothing_is_concluded() -> None:
    lines: list[dict[str, object]] = [{"forwarded_for_entries": 2, "proxies_in_front": 1, "request_id": "x"}]
    target = target_of(lambda _: httpx.Response(401, json={}), ScriptedLogs({"accounts": lines}))
    addresses.entries(target)
    assert {verdict for _, verdict in found(target).values()} == {NOT_ASKED}


def forms(limit_mib: float, own_limit_mib: int = 30) -> Target:
    """Return a deployment whose front door takes bodies up to a limit, and its function files up to another."""

    def answer(request: httpx.Request) -> httpx.Response:
        size = len(request.read())
        if size > limit_mib * gateway.MIB:
            return httpx.Response(413, json={"code": 413, "message": "too large"})
        if size > (own_limit_mib + 1) * gateway.MIB:
            return httpx.Response(413, json={"code": "too_large", "limit": own_limit_mib * gateway.MIB})
        return httpx.Response(415, json={"code": "unsupported_type"})

    return target_of(answer)


@pytest.mark.parametrize(("own", "limit", "differs"), [(30, 32, False), (31, 32, False), (30, 32e6 / 2**20, True)])
def test_a_form_of_30_mib_must_arrive_and_one_of_31_may(own: int, limit: float, differs: bool) -> None:
    target = forms(limit, own)
    gateway.bodies(target)
    verdicts = [verdict for _, verdict in found(target).values()]
    assert verdicts == [HELD, DIFFERS if differs else AGREES, AGREES]


def test_a_front_door_that_takes_less_breaks_the_promise() -> None:
    target = forms(10)
    with pytest.raises(PromiseBroken):
        gateway.bodies(target)
    assert found(target)[gateway.FORMS[30]] == ("refused in front of it: 413 413", BROKEN)


def paused(after: dict[str, int], logs: ScriptedLogs | None = None) -> tuple[Target, list[str]]:
    """Return a deployment that answers 200 until it is left alone, then by path, and what was done in which order."""
    done: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        done.append(request.url.path)
        status = after.get(request.url.path, 404) if any(one.startswith("wait") for one in done) else 200
        return httpx.Response(status, json={})

    target = target_of(answer, logs)
    target.wait = lambda seconds: done.append(f"wait {seconds:g}")
    return target, done


def test_every_function_is_asked_once_after_the_pause() -> None:
    target, done = paused({})
    pauses.idle(target, 180)
    paths = list(pauses.ASKED.values())
    assert done == [*paths, "wait 180", *paths, "wait 0"]
    assert found(target) == {
        "every function that people call answers after 180 idle seconds": (", ".join(pauses.ASKED), HELD),
        "no server process was killed for its silence": ("0 times 'WORKER TIMEOUT' in the logs", HELD),
    }


def test_a_function_that_was_killed_on_waking_is_named_and_nobody_asks_again_for_it() -> None:
    target, done = paused({"/v1/videos": 503, "/v1/me": 500})
    with pytest.raises(PromiseBroken):
        pauses.idle(target, 180)
    assert found(target) == {
        "every function that people call answers after 180 idle seconds": ("library: 503, accounts: 500", BROKEN)
    }
    assert done.count("/v1/videos") == 2


def test_a_killed_process_is_seen_in_the_logs_even_if_nobody_noticed() -> None:
    target, _ = paused({}, ScriptedLogs(killed=2))
    with pytest.raises(PromiseBroken):
        pauses.idle(target, 180)
    assert found(target)["no server process was killed for its silence"][1] == BROKEN


def test_a_pause_can_be_left_out() -> None:
    target, done = paused({})
    pauses.idle(target, 0)
    assert done == []
    assert [one.verdict for one in target.report.findings] == [NOT_ASKED]


def test_what_is_asked_after_a_pause_is_every_function_that_people_reach() -> None:
    assert pauses.ASKED.keys() == FUNCTIONS.keys()


VIDEO = Uploaded("a ü.mp4", "v1", b"")


def by_name(shown: str = VIDEO.filename, location: str = "https://storage.example/media/u/v1") -> Target:
    """Return a deployment that shows the file by another name, or redirects players elsewhere."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        if path == "/files/a%20%C3%BC.mp4":
            return httpx.Response(200, json={"filename": shown})
        if path == "/stream/video/a%20%C3%BC.mp4":
            return httpx.Response(302, headers={"Location": location})
        return httpx.Response(404, json={"code": "not_found"})

    return target_of(answer)


def test_the_older_routes_are_asked_by_name() -> None:
    target = by_name()
    older.routes(target, VIDEO)
    assert [verdict for _, verdict in found(target).values()] == [HELD, AGREES, HELD, HELD]


@pytest.mark.parametrize(
    ("target", "question"),
    [
        (by_name(shown="a%20%C3%BC.mp4"), older.NAMED.format(VIDEO.filename)),
        (by_name(location="https://api.example/stream"), older.REDIRECTED),
    ],
    ids=["name", "redirect"],
)
def test_another_name_or_another_target_breaks_the_promise(target: Target, question: str) -> None:
    with pytest.raises(PromiseBroken):
        older.routes(target, VIDEO)
    assert found(target)[question][1] == BROKEN
