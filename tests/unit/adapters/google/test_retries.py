"""A call is repeated as often and for as long as its policy says, and only where that can help."""

from dataclasses import dataclass, field, replace

import pytest

from reelgate.adapters.google.retries import CallFailed, RetryPolicy, is_retryable_status

POLICY = RetryPolicy(attempts=3, deadline_seconds=60, first_pause_seconds=0, max_pause_seconds=0)


@dataclass
class Api:
    """Answers with each outcome once, then with "done"."""

    outcomes: list[Exception] = field(default_factory=list)
    granted: list[float] = field(default_factory=list)

    async def call(self, seconds: float) -> str:
        self.granted.append(seconds)
        if self.outcomes:
            raise self.outcomes.pop(0)
        return "done"


def failure(*, retryable: bool = True) -> CallFailed:
    return CallFailed("no", retryable=retryable)


async def test_a_call_that_works_is_made_once() -> None:
    api = Api()
    assert await POLICY.run(api.call) == "done"
    assert len(api.granted) == 1


async def test_a_retryable_failure_is_tried_again() -> None:
    api = Api([failure(), failure()])
    assert await POLICY.run(api.call) == "done"
    assert len(api.granted) == 3


async def test_attempts_run_out() -> None:
    last = failure()
    api = Api([failure(), failure(), last, failure()])
    with pytest.raises(CallFailed) as raised:
        await POLICY.run(api.call)
    assert raised.value is last
    assert len(api.granted) == 3


@pytest.mark.parametrize("error", [failure(retryable=False), ValueError("a defect")])
async def test_other_failures_are_raised_at_once(error: Exception) -> None:
    api = Api([error])
    with pytest.raises(type(error)):
        await POLICY.run(api.call)
    assert len(api.granted) == 1


async def test_no_attempt_begins_after_the_deadline() -> None:
    api = Api([failure()])
    with pytest.raises(CallFailed):
        await replace(POLICY, deadline_seconds=0).run(api.call)
    assert len(api.granted) == 1


async def test_a_pause_that_would_end_after_the_deadline_is_not_begun() -> None:
    api = Api([failure()])
    policy = RetryPolicy(attempts=3, deadline_seconds=60, first_pause_seconds=3600, max_pause_seconds=3600)
    with pytest.raises(CallFailed):
        await policy.run(api.call)


async def test_an_attempt_is_granted_what_is_left() -> None:
    api = Api([failure()])
    await POLICY.run(api.call)
    first, second = api.granted
    assert 60 >= first >= second > 0


async def test_an_attempt_is_granted_no_more_than_its_share() -> None:
    api = Api([failure()])
    await replace(POLICY, attempt_seconds=5).run(api.call)
    assert api.granted == [5, 5]


@pytest.mark.parametrize(("failures", "longest"), [(1, 0.1), (2, 0.2), (3, 0.4), (4, 0.5), (5000, 0.5)])
@pytest.mark.parametrize(("jitter", "share"), [(0, 1), (0.5, 0.5), (1, 0)])
def test_pauses_double_up_to_a_limit(failures: int, longest: float, jitter: float, share: float) -> None:
    policy = replace(POLICY, first_pause_seconds=0.1, max_pause_seconds=0.5, jitter=jitter)
    for _ in range(100):
        assert longest * share <= policy.pause_seconds(failures) <= longest


def test_pauses_differ() -> None:
    policy = replace(POLICY, first_pause_seconds=0.1, max_pause_seconds=0.5)
    assert len({policy.pause_seconds(1) for _ in range(100)}) > 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_statuses_that_may_pass(status: int) -> None:
    assert is_retryable_status(status)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409])
def test_statuses_that_will_not(status: int) -> None:
    assert not is_retryable_status(status)
