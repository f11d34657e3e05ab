"""A file read through windows: the same bytes as the file itself, in few pieces, and never much of it in memory."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.pyav.process.ranged_file import RangedFile

DATA = bytes(i * 7 % 251 for i in range(5000))
Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(0, 700)),
        st.tuples(st.just("seek"), st.integers(0, 5200)),
        st.tuples(st.just("back"), st.integers(-300, 0)),
        st.tuples(st.just("end"), st.integers(-5000, 0)),
    ),
    max_size=40,
)


class Fetches:
    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.made: list[tuple[int, int]] = []

    def __call__(self, start: int, length: int) -> bytes:
        assert length > 0
        assert start + length <= len(self.data), "nobody may ask for what is beyond the end"
        self.made.append((start, length))
        return self.data[start : start + length]


def ranged(fetch: Fetches) -> RangedFile:
    return RangedFile(fetch, len(fetch.data), first_bytes=64, largest_bytes=512, keep_bytes=1024)


@given(STEPS)
def test_it_reads_what_the_file_would(steps: list[Step]) -> None:
    fetch = Fetches()
    file, real = ranged(fetch), io.BytesIO(DATA)
    for kind, number in steps:
        if kind == "read":
            wanted = real.read(number)
            found = b""
            while len(found) < len(wanted):
                found += file.read(len(wanted) - len(found))
            assert found == wanted
        elif kind == "back":
            to = max(0, real.tell() + number)
            assert file.seek(to - real.tell(), io.SEEK_CUR) == real.seek(to)
        else:
            whence = io.SEEK_SET if kind == "seek" else io.SEEK_END
            assert file.seek(number, whence) == real.seek(number, whence)
        assert file.tell() == real.tell()
        assert file.held_bytes <= 1024


def test_reading_straight_on_takes_few_requests_of_growing_size() -> None:
    fetch = Fetches()
    assert io.BufferedReader(ranged(fetch), 32).read() == DATA
    assert [length for _, length in fetch.made[:5]] == [64, 128, 256, 512, 512]
    assert len(fetch.made) == 12
    assert sum(length for _, length in fetch.made) == len(DATA)  # no byte twice


def test_small_gaps_do_not_make_it_small_again() -> None:
    fetch = Fetches()
    file = ranged(fetch)
    for start in range(0, 4800, 160):  # sound between the pictures, which nobody reads
        file.seek(start)
        file.read(40)
    assert len(fetch.made) < 15


def test_two_places_far_apart_do_not_throw_out_each_other() -> None:
    fetch = Fetches()
    file = ranged(fetch)
    for step in range(0, 1000, 50):  # an old camera's file: all pictures, then all sound
        for start in (step, 3000 + step):
            file.seek(start)
            assert file.read(50)[:1] == DATA[start : start + 1]
    assert len(fetch.made) < 16


def test_the_end_is_an_end_and_before_the_beginning_is_nothing() -> None:
    file = ranged(Fetches())
    file.seek(0, io.SEEK_END)
    assert file.read(10) == b""
    file.seek(9000)
    assert file.read(10) == b""
    with pytest.raises(ValueError, match="negative position"):
        file.seek(-1)
