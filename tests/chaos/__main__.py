"""`python -m tests.chaos [--operations N] [--seconds N] [--seed N] [--runs N] [--report FILE]`."""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path

import uvloop

from tests.chaos.report import as_json, as_markdown, sums_of
from tests.chaos.run import Options, Result, run


def main() -> int:
    """Run, write the report, and return 0 if nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Users in parallel over a system that breaks.")
    parser.add_argument("--operations", type=int, default=1_000_000, help="end after so many operations")
    parser.add_argument("--seconds", type=float, default=86_400, help="end after so many seconds of work")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--runs", type=int, default=1, help="one after another, each with the next seed and a cloud of its own")
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--devices", type=int, default=2, help="of each user, that work at once")
    parser.add_argument("--disturb-every", type=float, default=1.5, help="seconds between two disturbances, on average")
    parser.add_argument("--report", type=Path, help="where to write FILE (Markdown) and FILE.json, after each run")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs of all processes")
    given = parser.parse_args()
    if given.operations == 1_000_000 and given.seconds == 86_400:
        given.seconds = 60.0
    results: list[Result] = []
    for seed in range(given.seed, given.seed + given.runs):
        print(f"seed {seed}, pid {os.getpid()}", flush=True)
        results.append(uvloop.run(run(_options(given, seed))))
        print(as_markdown(results[-1]), flush=True)
        if given.report:
            given.report.write_text("\n".join([sums_of(results), *map(as_markdown, results)]))
            given.report.with_name(f"{given.report.name}.json").write_text(as_json(results))
    if given.runs > 1:
        print(sums_of(results))
    return 0 if all(result.is_good for result in results) else 1


def _options(given: argparse.Namespace, seed: int) -> Options:
    return Options(
        seed=seed,
        operations=given.operations,
        seconds=given.seconds,
        users=given.users,
        devices=given.devices,
        disturb_every=given.disturb_every,
        keep_logs=given.keep_logs / str(seed) if given.keep_logs else None,
    )


if __name__ == "__main__":
    sys.exit(main())
