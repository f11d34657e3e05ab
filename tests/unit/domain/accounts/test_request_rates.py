"""A token bucket: what it gives, when it has more, and what it knows of the tokens that all instances share."""

from __future__ import annotations

from reelgate.domain.accounts.request_rates import Rate, TokenBucket

MINUTE = 1_800_000_000.0
"""An instant with which a minute begins."""


def bucket(per_minute: int = 100, at: float = MINUTE) -> TokenBucket:
    return TokenBucket(Rate(per_minute), at)


def taken(one: TokenBucket, at: float) -> int:
    """Take all tokens that there are, and return their number."""
    number = 0
    while one.take(at):
        number += 1
    return number


def test_a_tenth_of_the_rate_is_an_instance_s_own_and_at_least_one() -> None:
    assert [(Rate(n).own, Rate(n).shared) for n in (1, 9, 10, 100, 1205)] == [(1, 0), (1, 8), (1, 9), (10, 90), (120, 1085)]


def test_it_gives_its_share_at_once_and_refills_by_it_in_a_minute() -> None:
    one = bucket()
    assert taken(one, MINUTE) == 10
    assert taken(one, MINUTE + 5.9) == 0
    assert taken(one, MINUTE + 6) == 1
    assert taken(one, MINUTE + 36) == 5
    assert taken(one, MINUTE + 3600) == 10


def test_a_clock_that_is_set_back_gives_nothing_and_stops_nothing() -> None:
    one = bucket()
    taken(one, MINUTE + 3600)
    assert taken(one, MINUTE) == 0
    assert taken(one, MINUTE + 12) == 2


def test_shared_tokens_are_asked_for_in_blocks_until_the_minute_has_none() -> None:
    one = bucket()
    taken(one, MINUTE)
    assert one.wanted(MINUTE) == 10
    one.receive(10, given_out=10)
    assert taken(one, MINUTE) == 10
    one.receive(one.wanted(MINUTE), given_out=85)  # others have asked, too
    assert taken(one, MINUTE) == 10
    assert one.wanted(MINUTE) == 5
    one.receive(5, given_out=95)  # meanwhile there were none
    assert (taken(one, MINUTE), one.wanted(MINUTE + 59)) == (0, 0)
    assert one.wanted(MINUTE + 60) == 10


def test_the_last_shared_tokens_are_given_in_part() -> None:
    one = bucket()
    taken(one, MINUTE)
    one.receive(10, given_out=93)
    assert taken(one, MINUTE) == 7


def test_shared_tokens_are_kept_beyond_the_own_share() -> None:
    one = bucket()
    one.receive(10, given_out=10)
    assert taken(one, MINUTE + 6) == 20


def test_without_the_counter_one_instance_gives_the_rate_and_no_more() -> None:
    one, number = bucket(), 0
    while wanted := one.wanted(MINUTE):
        number += taken(one, MINUTE)
        one.receive_unseen(wanted)
    assert number + taken(one, MINUTE) == 100


def test_documents_are_charged_by_the_hundred_and_debts_end_at_a_minute_s_rate() -> None:
    one = bucket()
    one.charge(99)
    assert one.remaining(MINUTE) == 100
    one.charge(1000)
    assert one.remaining(MINUTE) == 90
    one.charge(500)
    assert one.wanted(MINUTE) == 10
    one.receive(10, given_out=10)
    assert taken(one, MINUTE) == 5
    one.charge(10**9)
    assert not one.take(MINUTE + 599)
    assert taken(one, MINUTE + 607) == 1


def test_what_is_left_counts_the_shared_tokens_of_this_minute() -> None:
    one = bucket()
    assert one.remaining(MINUTE) == 100
    taken(one, MINUTE)
    one.receive(10, given_out=30)
    assert (one.remaining(MINUTE), one.remaining(MINUTE + 60)) == (70, 100)


def test_the_wait_is_for_the_next_own_token_or_the_next_minute() -> None:
    one = bucket()
    taken(one, MINUTE + 1)
    assert one.seconds_until_next(MINUTE + 1) == 6
    one.charge(1000)
    assert one.seconds_until_next(MINUTE + 1) == 59
    alone = bucket(1)
    taken(alone, MINUTE + 1)
    alone.charge(100)
    assert alone.seconds_until_next(MINUTE + 1) == 120
