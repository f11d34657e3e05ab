"""Waiting for other processes: what is returned, and when it ends."""

from localcloud.supervisor.polling import wait_for


def test_it_returns_the_first_truthy_result() -> None:
    results = iter([None, 0, "found", "later"])
    assert wait_for(lambda: next(results), 60, poll_seconds=0) == "found"
    assert next(results) == "later"


def test_it_looks_once_even_without_time_and_returns_the_last_result() -> None:
    assert wait_for(lambda: "there", 0) == "there"
    assert wait_for(lambda: None, 0) is None
