"""Every benchmark is in the table that CI runs."""

from __future__ import annotations

from pathlib import Path

import bench
from bench.__main__ import BENCHMARKS

FOLDER = Path(bench.__file__).parent
PARTS_OF_OTHERS = {"__init__", "__main__", "ffmpeg_reference", "load_users", "media_corpus", "meter", "people", "processes"}


def test_every_module_with_a_command_line_is_in_the_table() -> None:
    assert set(BENCHMARKS) == {path.stem for path in FOLDER.glob("*.py")} - PARTS_OF_OTHERS


def test_smallest_options_are_options_of_the_benchmark() -> None:
    for name, benchmark in BENCHMARKS.items():
        source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        options = [option for option in benchmark.smallest if option.startswith("--")]
        assert all(f'"{option}"' in source for option in options), name
