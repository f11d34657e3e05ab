"""Every benchmark is in the table that CI runs."""

from __future__ import annotations

from pathlib import Path

import bench
from bench.__main__ import BENCHMARKS

FOLDER = Path(bench.__file__).parent
NOT_RUN_BY_CI = {"peers.measure"}
"""It needs other projects' servers."""


def source_of(module: str) -> Path:
    path = FOLDER.joinpath(*module.split("."))
    return path / "__main__.py" if path.is_dir() else path.with_suffix(".py")


def test_every_module_with_a_command_line_is_in_the_table() -> None:
    programs = {path for path in FOLDER.rglob("*.py") if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8")}
    known = [benchmark.module for benchmark in BENCHMARKS.values()]
    assert programs - {FOLDER / "__main__.py"} == {source_of(module) for module in (*known, *NOT_RUN_BY_CI)}
    assert len(set(known)) == len(BENCHMARKS)


def test_smallest_options_are_options_of_the_benchmark() -> None:
    for name, benchmark in BENCHMARKS.items():
        source = source_of(benchmark.module).read_text(encoding="utf-8")
        options = [option for option in benchmark.smallest if option.startswith("--")]
        assert all(f'"{option}"' in source for option in options), name
