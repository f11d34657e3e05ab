"""Faults on request: each one does what its name says, and all end with the events delivered."""

from collections import Counter

from .conftest import Cloud


async def finalize(cloud: Cloud, count: int) -> list[str]:
    names = [f"{number:02}" for number in range(count)]
    for name in names:
        await cloud.feed.finalize(name)
    return names


async def test_every_second_event_twice_with_another_id(cloud: Cloud) -> None:
    await cloud.bridge.faults(duplicate_every=2, duplicate_ids="new")
    names = await finalize(cloud, 6)
    await cloud.bridge.flush()

    assert Counter(cloud.function.names()) == {name: 1 + position % 2 for position, name in enumerate(names)}
    assert len({delivery.headers["ce-id"] for delivery in cloud.function.received}) == 9


async def test_duplicates_may_carry_the_same_id(cloud: Cloud) -> None:
    await cloud.bridge.faults(duplicate_probability=1, duplicate_ids="same")
    await finalize(cloud, 3)
    await cloud.bridge.flush()

    assert Counter(delivery.headers["ce-id"] for delivery in cloud.function.received) == {"1": 2, "2": 2, "3": 2}


async def test_a_seed_repeats_the_same_duplicates(cloud: Cloud) -> None:
    rounds = []
    for _ in range(2):
        await cloud.bridge.faults(duplicate_probability=0.5, seed=11)
        await finalize(cloud, 20)
        await cloud.bridge.flush()
        rounds.append(Counter(cloud.function.names()))
        cloud.function.received.clear()

    assert rounds[0] == rounds[1]
    assert 20 < rounds[0].total() < 40


async def test_late_events_arrive(cloud: Cloud) -> None:
    await cloud.bridge.faults(delay_ms=[80, 120])
    await finalize(cloud, 1)
    status, report = await cloud.bridge.call("POST", "flush?wait=0.02")
    assert (status, report["pending"], cloud.function.received) == (504, 1, [])

    await cloud.bridge.flush()
    assert cloud.function.names() == ["00"]


async def test_hold_keeps_everything_until_released(cloud: Cloud) -> None:
    await cloud.bridge.faults(hold=True)
    names = await finalize(cloud, 5)
    status, report = await cloud.bridge.call("POST", "flush?wait=0.1")
    assert (status, report["pending"], cloud.function.received) == (504, 5, [])

    await cloud.bridge.call("DELETE", "faults")
    await cloud.bridge.flush()
    assert sorted(cloud.function.names()) == names


async def test_a_window_leaves_in_another_order(cloud: Cloud) -> None:
    await cloud.bridge.faults(reorder_window=8, reorder_wait_ms=5000, seed=1)
    names = await finalize(cloud, 8)
    await cloud.bridge.flush()

    assert sorted(cloud.function.names()) == names
    assert cloud.function.names() != names


async def test_a_window_that_is_not_filled_leaves_after_its_time(cloud: Cloud) -> None:
    await cloud.bridge.faults(reorder_window=100, reorder_wait_ms=20)
    names = await finalize(cloud, 3)
    await cloud.bridge.flush()

    assert sorted(cloud.function.names()) == names


async def test_dropped_attempts_never_reach_the_function(cloud: Cloud) -> None:
    await cloud.bridge.faults(drop_first_attempts=3)
    await finalize(cloud, 2)
    report = await cloud.bridge.flush()

    assert sorted(cloud.function.names()) == ["00", "01"]
    assert Counter(error["error"] for error in report["last_errors"]) == {"dropped on request": 6}


async def test_faults_can_be_read_replaced_and_removed(cloud: Cloud) -> None:
    _, none = await cloud.bridge.call("GET", "faults")
    assert (none["hold"], none["duplicate_every"]) == (False, 0)
    await cloud.bridge.faults(duplicate_every=1)
    await cloud.bridge.faults(hold=True)
    _, now = await cloud.bridge.call("GET", "faults")
    assert (now["hold"], now["duplicate_every"]) == (True, 0)
    _, removed = await cloud.bridge.call("DELETE", "faults")
    assert removed == none


async def test_impossible_faults_are_refused_and_change_nothing(cloud: Cloud) -> None:
    for faults in ({"duplicat": 1}, {"duplicate_probability": 2}, {"delay_ms": [5, 1]}, {"hold": "yes"}, ["hold"]):
        status, answered = await cloud.bridge.call("PUT", "faults", faults)
        assert status == 400, faults
        assert answered["error"]
    _, now = await cloud.bridge.call("GET", "faults")
    assert now["duplicate_probability"] == 0


async def test_an_old_event_can_be_sent_again(cloud: Cloud) -> None:
    old = await cloud.feed.finalize("a.mp4")
    new = await cloud.feed.finalize("a.mp4")
    await cloud.bridge.flush()
    cloud.function.received.clear()

    assert (await cloud.bridge.call("POST", "redeliver", {"name": "a.mp4"}))[0] == 202
    await cloud.bridge.flush()
    assert (await cloud.bridge.call("POST", "redeliver", {"name": "a.mp4", "generation": old, "new_id": True}))[0] == 202
    await cloud.bridge.flush()

    assert [delivery.body["generation"] for delivery in cloud.function.received] == [new, old]
    assert cloud.function.received[0].headers["ce-id"] == "2"
    assert cloud.function.received[1].headers["ce-id"] not in {"1", "2"}


async def test_an_unknown_event_cannot_be_sent_again(cloud: Cloud) -> None:
    assert (await cloud.bridge.call("POST", "redeliver", {"name": "never seen"}))[0] == 404
    assert (await cloud.bridge.call("POST", "redeliver", {}))[0] == 400
