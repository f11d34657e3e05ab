"""Run all benchmarks, in a local cloud of their own where one is needed: `python -m bench`; or some: `python -m bench signing`.

`--smallest` runs each at its smallest size, which proves that it works; the figures mean nothing. CI does that.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.load.__main__ import LOCUST
from localcloud.supervisor.commands.cli_commands import environment_in, temporary_cloud
from localcloud.supervisor.state.folder import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A module with a command line.

    Attributes:
        module: its name within this package.
        smallest: its options for a run of a few seconds.
        needs_cloud: whether it measures a running local cloud.
        program: what it needs that the project does not install; a run of all benchmarks leaves it out without it, and says so.
        installed_by: the command that installs the program.
    """

    module: str
    smallest: tuple[str, ...] = ()
    needs_cloud: bool = False
    program: str | None = None
    installed_by: str = ""


BENCHMARKS = {
    "signing": Benchmark(module="signing", smallest=("--segments", "10", "--rounds", "2")),
    "playlists": Benchmark(module="playlists", smallest=("--hours", "0.1", "--rounds", "2", "--at-most-kb", "50")),
    "gateway": Benchmark(module="local_cloud.gateway", smallest=("--seconds", "0.3", "--connections", "4")),
    "storage_throughput": Benchmark(module="local_cloud.storage_throughput", smallest=("--mib", "16")),
    "convert_memory": Benchmark(module="media.convert_memory", smallest=("--megabytes", "10")),
    "packaging": Benchmark(module="media.packaging", smallest=("--megabytes", "3", "--size", "720p")),
    "convert_seconds": Benchmark(module="media.convert_seconds", smallest=("--seconds", "2")),
    "rendition_seconds": Benchmark(module="media.rendition_seconds", smallest=("--seconds", "2")),
    "media_agreement": Benchmark(
        module="media.agreement",
        smallest=("--size", "smallest"),
        program="ffmpeg",
        installed_by="apt-get update && apt-get install -y ffmpeg",
    ),
    "load": Benchmark(
        module="load",  # in a cloud of its own, with settings of its own
        smallest=("--users", "3", "--arrive-in", "1", "--journeys", "1"),
        program=str(LOCUST),
        installed_by=f"make {LOCUST.relative_to(ROOT)}",
    ),
    "billed": Benchmark(module="billed", smallest=("--uploads", "1"), needs_cloud=True),
    "hot_user": Benchmark(module="functions.hot_user", smallest=("--requests", "16", "--at-once", "4"), needs_cloud=True),
    "cold_start": Benchmark(module="functions.cold_start", smallest=("--rounds", "1"), needs_cloud=True),
    "issuing": Benchmark(module="functions.issuing", smallest=("--people", "2", "--requests", "8"), needs_cloud=True),
    "function_cpu": Benchmark(
        module="functions.function_cpu",
        smallest=("--users", "2", "--files", "2", "--at-once", "2", "--open", "3", "--signers", "iam"),
        needs_cloud=True,
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benchmarks, all without names. Returns the first bad exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=(__doc__ or "").splitlines()[0],
        epilog="bench/README.md says what each measures, and where its options are shown.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--smallest", action="store_true", help="each at its smallest size, to see that it works; its figures mean nothing"
    )
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    chosen = given.names or [name for name in BENCHMARKS if _can_run(name)]
    alone = [name for name in chosen if not BENCHMARKS[name].needs_cloud]
    codes = {name: _run(name, os.environ, smallest=given.smallest) for name in alone}
    if in_the_cloud := [name for name in chosen if BENCHMARKS[name].needs_cloud]:
        with temporary_cloud() as state:
            codes |= {name: _run(name, environment_in(state), smallest=given.smallest) for name in in_the_cloud}
    failed = [name for name, code in codes.items() if code]
    print(f"\n{len(codes) - len(failed)} of {len(codes)} benchmarks ran" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return next((code for code in codes.values() if code), 0)


def _can_run(name: str) -> bool:
    program, installed_by = BENCHMARKS[name].program, BENCHMARKS[name].installed_by
    missing = program is not None and shutil.which(program) is None
    if missing:
        print(f"=== {name} is left out: it needs {program} ({installed_by})", flush=True)
    return not missing


def _run(name: str, env: Mapping[str, str], *, smallest: bool) -> int:
    print(f"\n=== {name}", flush=True)
    begun = time.monotonic()
    options = BENCHMARKS[name].smallest if smallest else ()
    code = subprocess.run([sys.executable, "-m", f"bench.{BENCHMARKS[name].module}", *options], env=env, check=False).returncode
    print(f"--- {name}: {time.monotonic() - begun:.0f} s" + (f", exit code {code}" if code else ""), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
