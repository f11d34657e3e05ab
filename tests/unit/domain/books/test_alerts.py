"""Alerts: at the threshold, once a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.books.account import Account, Day, Limits, percent
from reelgate.domain.books.limits import raise_alerts
from tests.fixtures.bookkeeping import NOON

LIMITS = Limits(storage_bytes=1000, daily_bytes=2000, alert_percents=(80, 100))
ACCOUNT = Account(uid="ada", email="ada@example.org", today=Day(date=NOON.date()))


def raised(account: Account, limits: Limits = LIMITS) -> tuple[Account, list[str]]:
    account, messages = raise_alerts(account, limits)
    return account, [message.event_id.removeprefix("alert:ada:2026-11-03:") for message in messages]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [(0, []), (799, []), (800, ["storage:80:1"]), (999, ["storage:80:1"]), (1000, ["storage:80:1", "storage:100:1"])],
)
def test_storage_alerts_come_at_the_threshold_to_the_byte(stored: int, expected: list[str]) -> None:
    assert raised(replace(ACCOUNT, stored=stored))[1] == expected


@pytest.mark.parametrize(
    ("uploaded", "streamed", "expected"),
    [(1599, 0, []), (800, 800, ["bandwidth:80:1"]), (0, 2000, ["bandwidth:80:1", "bandwidth:100:1"])],
)
def test_bandwidth_alerts_count_uploads_and_streams(uploaded: int, streamed: int, expected: list[str]) -> None:
    assert raised(replace(ACCOUNT, today=Day(date=NOON.date(), uploaded=uploaded, streamed=streamed)))[1] == expected


def test_promises_raise_no_alert() -> None:
    assert raised(replace(ACCOUNT, reserved=1000, open_uploads=1))[1] == []


def test_a_standing_alert_is_not_raised_again() -> None:
    once, _ = raised(replace(ACCOUNT, stored=800))
    assert raised(once) == (once, [])
    assert raised(replace(once, stored=850))[1] == []


def test_it_is_not_raised_again_however_use_moves() -> None:
    account, _ = raised(replace(ACCOUNT, stored=800))
    for stored in (0, 800, 10, 1000, 0, 1000):
        account, events = raised(replace(account, stored=stored))
        assert "storage:80:2" not in events
        assert "storage:100:2" not in events
    assert account.today.raised == {"storage:80": 1, "storage:100": 1}


def test_a_new_day_raises_what_still_holds() -> None:
    once, _ = raised(replace(ACCOUNT, stored=800))
    _, messages = raise_alerts(replace(once, today=Day(date=NOON.date().replace(day=4))), LIMITS)
    assert [message.event_id for message in messages] == ["alert:ada:2026-11-04:storage:80:1"]


def test_thresholds_are_the_account_s() -> None:
    limits = replace(LIMITS, alert_percents=(50,))
    assert raised(replace(ACCOUNT, stored=500), limits)[1] == ["storage:50:1"]
    assert raised(replace(ACCOUNT, stored=1000), replace(LIMITS, alert_percents=()))[1] == []


def test_a_limit_of_nothing_is_passed_by_the_first_byte() -> None:
    nothing = replace(LIMITS, storage_bytes=0)
    assert raised(ACCOUNT, nothing)[1] == []
    assert raised(replace(ACCOUNT, stored=1), nothing)[1] == ["storage:80:1", "storage:100:1"]


def test_an_alert_says_all_that_a_reader_needs() -> None:
    _, [alert] = raise_alerts(replace(ACCOUNT, stored=899), LIMITS)
    assert (alert.topic, alert.type, alert.uid) == ("alerts", "storage.alert", "ada")
    assert alert.data == {
        "kind": "storage",
        "threshold_percent": 80,
        "used": 899,
        "limit": 1000,
        "percentage_used": 89.9,
        "date": "2026-11-03",
        "count": 1,
        "email": "ada@example.org",
    }


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(0, 100, 0.0), (1, 3, 33.3), (2, 3, 66.7), (3, 2, 150.0), (0, 0, 100.0), (5, -1, 100.0)]
)
def test_percentages_have_one_decimal(part: int, whole: int, expected: float) -> None:
    assert percent(part, whole) == expected
