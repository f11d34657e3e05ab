"""What `bench function_cpu` counts, and how it spreads requests."""

from __future__ import annotations

from collections import Counter

from bench.functions.function_cpu import Burst, Request, row, shares, table


def requests_of(person: str, number: int) -> list[Request]:
    return [Request("GET", f"/{person}/{n}", 200, {}) for n in range(number)]


def test_no_person_has_two_requests_under_way() -> None:
    dealt = shares(2, [requests_of(person, 2) for person in "abc"])
    assert [[one.path for one in share] for share in dealt] == [["/a/0", "/a/1", "/c/0", "/c/1"], ["/b/0", "/b/1"]]


def test_a_row_relates_a_case_to_hello_world() -> None:
    hello = Burst(100, 1.0, 0.05, Counter()) + Burst(100, 1.0, 0.05, Counter())
    grants = Burst(10, 2.0, 0.02, Counter({409: 1}))
    assert row("grant", "iam", grants, hello) == {
        "case": "grant",
        "signer": "iam",
        "requests": 10,
        "cpu_ms": 2.0,
        "times_hello": 4.0,
        "per_second": 5.0,
        "unexpected": {409: 1},
    }
    assert table([row("hello world", "", hello, hello)]).splitlines()[2] == "| hello world |  | 200 | 0.5 | 1.0 | 100.0 |"
