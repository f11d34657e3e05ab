"""Where a request comes from: what trusted proxies say, not what the client writes."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from reelgate.web.http.client_address import client_address


def a_request(*forwarded: str, peer: str | None = "127.0.0.1") -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 5) if peer else None})


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        (["192.0.2.1"], 0, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1"], 0, "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], 0, "192.0.2.1"),
        (["192.0.2.1, 35.1.1.1"], 1, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1, 35.1.1.1"], 1, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1, 35.1.1.1 , 10.0.0.1"], 2, "192.0.2.1"),
        (["192.0.2.1"], 1, None),
        (["192.0.2.1, 35.1.1.1"], 3, None),
        ([], 0, "127.0.0.1"),
        ([], 1, None),
        ([" , "], 1, None),
        ([" , "], 0, "127.0.0.1"),
        (["not an address"], 0, None),
        (["2001:db8:1:2:aaaa::1"], 0, "2001:db8:1:2::/64"),
        (["2001:db8:1:2:bbbb::2"], 0, "2001:db8:1:2::/64"),
        (["::ffff:192.0.2.1"], 0, "192.0.2.1"),
    ],
)
def test_addresses(forwarded: list[str], proxies: int, address: str | None) -> None:
    assert client_address(a_request(*forwarded), proxies_in_front=proxies) == address


def test_without_any() -> None:
    assert client_address(a_request(peer=None), proxies_in_front=0) is None
