"""Which addresses a webhook may be sent to: public ones only, so that it cannot reach the deployment's own network (SSRF).

The table is written out instead of using `ipaddress.is_global`, whose answers changed between Python releases and which treats
some multicast, site-local and translated addresses as global. Source: IANA's special-purpose address registries.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IpAddress = IPv4Address | IPv6Address

FORBIDDEN_V4 = {
    IPv4Network("0.0.0.0/8"): "this network",
    IPv4Network("10.0.0.0/8"): "private",
    IPv4Network("100.64.0.0/10"): "shared by a carrier's customers",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("169.254.0.0/16"): "link-local, where clouds keep their metadata",
    IPv4Network("172.16.0.0/12"): "private",
    IPv4Network("192.0.0.0/24"): "protocol assignments",
    IPv4Network("192.0.2.0/24"): "documentation",
    IPv4Network("192.31.196.0/24"): "AS112",
    IPv4Network("192.52.193.0/24"): "AMT",
    IPv4Network("192.88.99.0/24"): "6to4 relays",
    IPv4Network("192.168.0.0/16"): "private",
    IPv4Network("192.175.48.0/24"): "AS112",
    IPv4Network("198.18.0.0/15"): "benchmarks",
    IPv4Network("198.51.100.0/24"): "documentation",
    IPv4Network("203.0.113.0/24"): "documentation",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
GLOBAL_UNICAST = IPv6Network("2000::/3")
FORBIDDEN_V6 = {
    IPv6Network("2001::/23"): "protocol assignments (Teredo, ORCHID, benchmarks)",
    IPv6Network("2001:db8::/32"): "documentation",
    IPv6Network("2002::/16"): "6to4, which is no longer routed (RFC 7526)",
    IPv6Network("2620:4f:8000::/48"): "AS112",
    IPv6Network("3fff::/20"): "documentation",
}
NAT64 = IPv6Network("64:ff9b::/96")
"""Translates to the IPv4 address in its last 32 bits (RFC 6052); 64:ff9b:1::/48 is for private use (RFC 8215)."""


def why_forbidden(address: IpAddress) -> str | None:
    """Return why an address is not allowed as a target, None for a public one.

    Addresses that contain an IPv4 address (IPv4-mapped, NAT64) are judged by that address.
    """
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in FORBIDDEN_V4.items() if address in network), None)
    inside = _v4_inside(address)
    if inside is not None:
        return why_forbidden(inside)
    if address not in GLOBAL_UNICAST:
        return "not global unicast"
    return next((kind for network, kind in FORBIDDEN_V6.items() if address in network), None)


def is_loopback(address: IpAddress) -> bool:
    """Return whether an address is this machine, in any notation."""
    inside = _v4_inside(address) if isinstance(address, IPv6Address) else None
    return (inside or address).is_loopback


def address_in(host: str) -> IpAddress | None:
    """Return the IP address in a URL's host, None if the host is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _v4_inside(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
