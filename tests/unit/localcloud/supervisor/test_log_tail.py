from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from localcloud.supervisor.processes.log_tail import Follower, follow, last_lines


def test_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert last_lines(log, 3) == []
    log.write_text("".join(f"line {number}\n" for number in range(50_000)))
    assert last_lines(log, 2) == ["line 49998", "line 49999"]


def test_a_follower_shows_new_lines_once_they_are_whole_and_survives_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("before\n")
    follower = Follower(log)
    with log.open("a") as file:
        file.write("one\nhal")
    assert follower.new_lines() == ["one"]
    with log.open("a") as file:
        file.write("f\n")
    assert follower.new_lines() == ["half"]
    assert follower.new_lines() == []
    log.write_text("new\n")
    assert follower.new_lines() == ["new"]


def test_following_looks_at_every_log_also_at_those_that_come_later(tmp_path: Path) -> None:
    first, late = tmp_path / "first.log", tmp_path / "late.log"
    first.write_text("before\n")
    events: Iterator[Callable[[], object]] = iter(
        [lambda: late.write_text("hello\n"), lambda: first.write_text("before\nagain\n")]
    )

    def pause() -> None:
        next(events)()

    lines = follow({"first": first, "late": late}, pause)
    assert list(islice(lines, 2)) == [("late", "hello"), ("first", "again")]
