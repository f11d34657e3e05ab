"""An API key as bearer: what the front door makes of a token that is no JWT."""

from __future__ import annotations

import httpx
import pytest

from ops.live_check.checks import keys
from ops.live_check.report import BROKEN, HELD, PromiseBroken
from ops.live_check.target import Target

from .targets import found, target_of

KEY = "rgk_abc_secret"


def deployment(with_key: httpx.Response, with_made_up: httpx.Response) -> tuple[Target, list[str]]:
    """Return a deployment that answers so to a key and to one that does not exist, and the keys that are left."""
    left: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            left.append("abc")
            return httpx.Response(201, json={"key_id": "abc", "key": KEY})
        if request.method == "DELETE":
            left.clear()
            return httpx.Response(204)
        return with_key if request.headers["authorization"] == f"Bearer {KEY}" else with_made_up

    return target_of(answer), left


UNKNOWN = httpx.Response(401, json={"code": "invalid_api_key"})


def test_keys_pass_the_front_door_and_none_is_left() -> None:
    target, left = deployment(httpx.Response(200), UNKNOWN)
    keys.bearer(target)
    assert [verdict for _, verdict in found(target).values()] == [HELD] * 3
    assert left == []


@pytest.mark.parametrize(
    ("with_key", "with_made_up", "question"),
    [
        (
            httpx.Response(401, json={"code": 401, "message": "Jwt is not in the form of Header.Payload.Signature"}),
            UNKNOWN,
            keys.HELD,
        ),
        (httpx.Response(200), httpx.Response(401, json={"code": 401, "message": "Jwt is missing"}), keys.UNKNOWN),
    ],
)
def test_a_front_door_that_wants_a_jwt_breaks_the_promise_and_the_key_is_revoked(
    with_key: httpx.Response, with_made_up: httpx.Response, question: str
) -> None:
    target, left = deployment(with_key, with_made_up)
    with pytest.raises(PromiseBroken):
        keys.bearer(target)
    assert found(target)[question][1] == BROKEN
    assert target.clean_up() == []
    assert left == []
