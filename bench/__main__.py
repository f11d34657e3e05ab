"""Run all benchmarks in a local cloud of their own: `python -m bench`; or some of them: `python -m bench signing`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from emulator.supervisor.errands import environment_in, temporary_cloud

ALONE = ("signing", "gateway", "storage_throughput", "convert_memory")
IN_THE_CLOUD = ("operations", "billed", "hot_user", "cold_start", "issuing")


def main(names: list[str]) -> int:
    """Run the named benchmarks, all without names. Returns the first bad exit code."""
    unknown = set(names) - {*ALONE, *IN_THE_CLOUD}
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join((*ALONE, *IN_THE_CLOUD))}", file=sys.stderr)
        return 2
    chosen = names or [*ALONE, *IN_THE_CLOUD]
    codes = [_run(name, os.environ) for name in ALONE if name in chosen]
    if any(name in chosen for name in IN_THE_CLOUD):
        with temporary_cloud() as state:
            codes += [_run(name, environment_in(state)) for name in IN_THE_CLOUD if name in chosen]
    return next((code for code in codes if code), 0)


def _run(name: str, env: Mapping[str, str]) -> int:
    print(f"\n=== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
