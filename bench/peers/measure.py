"""CPU time of Reelgate, supabase/storage and a tus server, side by side in one run; `run.sh` starts them and calls this.

It is read from /proc/PID/stat, so other work on the machine matters less than in seconds; this client's own is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from bench.peers.measurement import MIB, Measurement, Row
from bench.peers.products import AT_ONCE, Reelgate, Supabase, Tus
from localcloud.supervisor.state.folder import StateFolder

QUESTIONS = (
    "signed download URL",
    "the same URLs again, soon after",
    "signed upload",
    "upload created",
    "100 MiB of uploads",
)


async def run(options: argparse.Namespace) -> list[Row]:
    """Prepare all products, warm them up, and measure them in turn. Returns the rows in the order of the table."""
    record = StateFolder(options.reelgate_port, options.reelgate_state).read_record()
    if record is None:
        raise SystemExit(f"no local cloud was started in {options.reelgate_state}")
    pids = {name: process.pid for name, process in record.processes.items() if process.pid}
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=300)) as client:
        measurement = Measurement(client)
        reelgate = Reelgate(measurement, pids, videos_each=1 + options.rounds * options.each)
        supabase = Supabase(measurement, options.supabase_url, options.supabase_pid, options.postgres_pid)
        tus = Tus(measurement, options.tus_url, options.tus_pid, pids["storage"])
        await supabase.prepare()
        await reelgate.prepare()
        size = options.mib * MIB
        await reelgate.measure(1, size)  # warm: keys fetched, connections open, code compiled
        await supabase.measure(20, size)
        await tus.measure(10, size)
        measurement.recording = True
        for _ in range(options.rounds):
            await reelgate.measure(options.each, size)
            await supabase.measure(4 * options.each, size)
            await tus.measure(2 * options.each, size)
    return sorted(measurement.rows.values(), key=lambda row: QUESTIONS.index(row.question))


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [("CPU ms for", "product", "own process", "database", "others"), ("---",) * 5, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the table, and write every round's numbers with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reelgate-state", type=Path, required=True, help="state folder of a running local cloud")
    parser.add_argument("--reelgate-port", type=int, required=True, help="its base port")
    parser.add_argument("--supabase-url", required=True)
    parser.add_argument("--supabase-pid", type=int, required=True)
    parser.add_argument("--postgres-pid", type=int, required=True)
    parser.add_argument("--tus-url", required=True)
    parser.add_argument("--tus-pid", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--each", type=int, default=5, help="videos and grants of each of the 64 users, a round")
    parser.add_argument("--mib", type=int, default=64, help="size of each of the uploads whose bytes are sent")
    parser.add_argument("--json", type=Path, help="where to write every round's numbers")
    options = parser.parse_args()
    rows = asyncio.run(run(options))
    print(table(rows))
    if options.json:
        kept = [{"question": row.question, "product": row.server.name, "ms": row.rounds} for row in rows]
        options.json.write_text(json.dumps(kept, indent=2))


if __name__ == "__main__":
    main()
