"""Where webhooks may go: public addresses over https, whatever a name or a URL tries."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.webhooks.target_dns import addresses_of
from reelgate.domain.notifications.target_addresses import NAT64, why_forbidden
from reelgate.domain.notifications.webhook_targets import Target, parse_target
from reelgate.ports.notifications import NotSent

FORBIDDEN = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.9.9.9 169.254.0.1 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.9 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::169.254.169.254 64:ff9b::10.1.2.3 64:ff9b:1::8.8.8.8 100::1
    2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe:: 2002:c0a8:101::1
    2002:808:808::1 2002:100::
    3fff::1 fc00::1 fd00::1 fd00:ec2::254 fdff:ffff::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1 4000::1 5f00::1
"""
PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255 172.15.255.255
    172.32.0.1 192.0.1.1 192.167.255.255 223.255.255.255 2606:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
"""


@pytest.mark.parametrize("text", FORBIDDEN.split())
def test_forbidden(text: str) -> None:
    assert why_forbidden(ip_address(text)) is not None


@pytest.mark.parametrize("text", PUBLIC.split())
def test_public(text: str) -> None:
    assert why_forbidden(ip_address(text)) is None


@given(st.ip_addresses())
def test_nothing_that_is_allowed_is_called_anything_but_global_by_the_standard_library(
    address: IPv4Address | IPv6Address,
) -> None:
    if why_forbidden(address) is None:
        inside = isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64)
        assert inside or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: IPv4Address) -> None:
    number = int(address)
    carriers = [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(int(NAT64[0]) | number),
    ]
    assert {why_forbidden(carrier) for carrier in carriers} == {why_forbidden(address)}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://example.com/", "must begin with https://"),
        ("http://127.0.0.1/", "must begin with https://"),
        ("ftp://example.com/", "must begin with https://"),
        ("file:///etc/passwd", "has no host"),
        ("https:///x", "has no host"),
        ("https://u:p@example.com/", "must not have a user"),
        ("https://u@example.com/", "must not have a user"),
        ("https://example.com/#f", "fragment"),
        ("https://example.com:99999/", "is not a URL"),
        ("https://exa mple.com/", "must be a URL"),
        ("https://example.com/\r\nX: y", "must be a URL"),
        ("https://exämple.com/", "must be a URL"),
        ("https://[::1]/", "not public"),
        ("https://[::ffff:169.254.169.254]/", "not public"),
        ("https://169.254.169.254/latest/meta-data", "link-local"),
        ("https://10.0.0.1/", "private"),
        ("https://example.com/" + "a" * 2000, "at most 2000"),
    ],
)
def test_urls_that_are_none_for_webhooks(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as refused:
        parse_target(url, private_allowed=False)
    assert url not in str(refused.value)


def test_urls_are_taken_apart() -> None:
    target = parse_target("https://Hooks.example.com/a/b?c=d", private_allowed=False)
    assert (target.secure, target.host, target.port, target.path) == (True, "hooks.example.com", 443, "/a/b?c=d")
    assert target.authority == "hooks.example.com"
    assert parse_target("https://[2606:4700::1]:8443", private_allowed=False).authority == "[2606:4700::1]:8443"
    assert "c=d" not in repr(target)


def test_the_local_switch_lets_http_to_this_machine_in_and_nothing_more() -> None:
    assert parse_target("http://127.0.0.1:99/x", private_allowed=True).secure is False
    assert parse_target("https://10.0.0.1/x", private_allowed=True).secure is True
    with pytest.raises(ValueError, match="https"):
        parse_target("http://10.0.0.1/x", private_allowed=True)


class Names:
    """A name server that answers as it is told, once per question, and counts."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked += 1
        addresses = self.answers.pop(0)
        if not addresses:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


NAMED = Target(secure=True, host="hooks.example.com", port=443, path="/")


async def test_every_address_of_a_name_must_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(["8.8.8.8", "2606:4700::1"], ["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "fd00:ec2::254"], [])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    assert [str(found) for found in await addresses_of(NAMED, private_allowed=False)] == ["8.8.8.8", "2606:4700::1"]
    for _ in range(2):
        with pytest.raises(NotSent, match="not public"):
            await addresses_of(NAMED, private_allowed=False)
    with pytest.raises(NotSent, match="cannot be resolved"):
        await addresses_of(NAMED, private_allowed=False)
    assert names.asked == 4


@pytest.mark.parametrize("spelling", ["127.1", "2130706433", "0x7f000001", "017700000001", "localhost", "0"])
async def test_odd_spellings_of_this_machine_are_seen_through(spelling: str) -> None:
    target = parse_target(f"https://{spelling}/", private_allowed=False)
    with pytest.raises(NotSent, match="not public"):
        await addresses_of(target, private_allowed=False)


async def test_http_stays_on_this_machine_though_private_targets_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    target = parse_target("http://localhost:9/", private_allowed=True)
    monkeypatch.setattr(socket, "getaddrinfo", Names(["10.0.0.1"]))
    with pytest.raises(NotSent, match="use https"):
        await addresses_of(target, private_allowed=True)
