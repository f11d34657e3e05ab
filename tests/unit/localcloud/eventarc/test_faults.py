"""Chances are drawn from a seed and mean what they say."""

import pytest

from localcloud.eventarc.faults import Chances, Faults, InvalidFaults


def test_json_goes_in_and_out() -> None:
    document = {"duplicate_every": 3, "delay_ms": [1, 5], "seed": 7, "hold": True}
    faults = Faults.from_json(document)
    assert Faults.from_json({**faults.to_json(), "delay_ms": list(faults.delay_ms)}) == faults
    assert (faults.duplicate_every, faults.delay_ms, faults.seed, faults.hold) == (3, (1, 5), 7, True)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {"unknown": 1},
        {"duplicate_every": 1.5},
        {"duplicate_every": True},
        {"duplicate_every": -1},
        {"duplicate_probability": 1.1},
        {"duplicate_ids": "other"},
        {"delay_ms": 5},
        {"delay_ms": [5]},
        {"delay_ms": [5, "6"]},
        {"delay_ms": [-1, 6]},
        {"hold": 1},
        {"seed": "abc"},
    ],
)
def test_impossible_faults_are_refused(document: object) -> None:
    with pytest.raises(InvalidFaults):
        Faults.from_json(document)


def test_without_faults_every_event_goes_once_at_once() -> None:
    chances = Chances(Faults())
    assert [chances.ce_ids(str(number)) for number in range(3)] == [["0"], ["1"], ["2"]]
    assert chances.delay_seconds() == 0


def test_every_third_is_duplicated() -> None:
    chances = Chances(Faults(duplicate_every=3, duplicate_ids="same"))
    assert [len(chances.ce_ids("x")) for _ in range(6)] == [1, 1, 2, 1, 1, 2]


def test_ids_of_duplicates_are_same_new_or_either() -> None:
    def kinds(ids: str) -> set[bool]:
        chances = Chances(Faults(duplicate_probability=1, duplicate_ids=ids, seed=1))
        return {first == second for first, second in (chances.ce_ids("x") for _ in range(30))}

    assert (kinds("same"), kinds("new"), kinds("either")) == ({True}, {False}, {True, False})


def test_delays_stay_in_their_range() -> None:
    chances = Chances(Faults(delay_ms=(20, 40), seed=1))
    delays = [chances.delay_seconds() for _ in range(50)]
    assert 0.02 <= min(delays) < max(delays) <= 0.04


def test_another_order_is_never_the_same_one() -> None:
    chances = Chances(Faults(seed=1))
    for _ in range(50):
        assert chances.another_order("ab") == ["b", "a"]
    assert sorted(chances.another_order("abcde")) == list("abcde")
    assert chances.another_order("a") == ["a"]
