"""1,000 users at once: log in, grant, upload, upload state, stream URL, usage, list, through the gateway.

    python -m bench.load [--users 1000] [--arrive-in 30] [--journeys 2] [--bytes 65536] [--json FILE]

The users arrive within --arrive-in seconds. They pause only while they wait for an upload to be ready, so once all are there,
nearly as many requests are under way. Starts a local cloud of its own, registers the users, and has Locust send their requests
(`users.py`; `make bench` installs it). The cloud is set up as a deployment behind API Gateway: one proxy in front
(REELGATE_PROXIES_IN_FRONT=1), and each user has an address of their own, so that the throttles of logins and registrations see
many clients and not one.

Prints the figures of each kind of request, and how many processors each process of the cloud used meanwhile: the largest
numbers show what limits the load. The exit code is 1 after any error; an answer 429 is not counted as one.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from bench.processes import all_processes, tree_seconds
from localcloud.supervisor.commands.cli_commands import environment_in, temporary_cloud
from localcloud.supervisor.state.folder import ROOT, StateFolder

LOCUST = ROOT / ".local" / "locust-2.47.0" / "bin" / "locust"
"""Where `make bench` installs it (Makefile)."""
SETTINGS = {"REELGATE_PROXIES_IN_FRONT": "1"}
MAX_MINUTES = 20


def register(url: str, number: int) -> list[dict[str, str]]:
    """Register that many users. Returns what each logs in with, and the address that their requests come from."""
    people = [
        {
            "email": f"load-{secrets.token_hex(6)}@example.com",
            "password": secrets.token_urlsafe(16),
            "address": f"203.0.{n // 250 % 250}.{1 + n % 250}",
        }
        for n in range(number)
    ]
    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(8) as threads:

        def one(person: Mapping[str, str]) -> None:
            body = {"email": person["email"], "password": person["password"], "username": f"load {secrets.token_hex(8)}"}
            client.post("/v1/auth/register", json=body, headers={"X-Forwarded-For": person["address"]}).raise_for_status()

        list(threads.map(one, people))
    return people


def cpu_seconds(state: StateFolder, locust: int | None = None) -> dict[str, float]:
    """Return the CPU seconds of each process of the cloud so far, with those of the load generator."""
    record, processes = state.read_record(), all_processes()
    assert record is not None
    roots = {name: process.pid for name, process in record.processes.items()} | {"(load generator)": locust}
    return {name: tree_seconds(pid, processes) for name, pid in roots.items() if pid is not None}


def drive(state: StateFolder, options: argparse.Namespace) -> dict[str, Any]:
    """Register users and send their requests. Returns the figures."""
    env = environment_in(state)
    with tempfile.TemporaryDirectory() as folder:
        users, result = Path(folder, "users.json"), Path(folder, "result.json")
        users.write_text(json.dumps(register(env["REELGATE_URL"], options.users)))
        print(f"{options.users} users are registered", flush=True)
        more = {
            "LOAD_USERS": str(users),
            "LOAD_AT_ONCE": str(options.users),
            "LOAD_JOURNEYS": str(options.journeys),
            "LOAD_BYTES": str(options.bytes),
            "LOAD_RESULT": str(result),
        }
        command = [
            str(LOCUST),
            "-f",
            str(ROOT / "bench" / "load" / "users.py"),
            "--headless",
            "--only-summary",
            "--loglevel",
            "ERROR",
        ]
        command += [
            "-u",
            str(options.users),
            "-r",
            str(options.users / options.arrive_in),
            "-t",
            f"{MAX_MINUTES}m",
            "--exit-code-on-error",
            "0",
        ]
        before, began = cpu_seconds(state), time.perf_counter()
        log = Path(folder, "locust.log")
        with log.open("w") as output, subprocess.Popen(command, env={**env, **more}, stdout=output, stderr=output) as locust:
            after = before
            while locust.poll() is None:
                after = cpu_seconds(state, locust.pid)
                time.sleep(0.5)
            took = time.perf_counter() - began
        if not result.exists():
            raise SystemExit(f"Locust wrote no result (exit code {locust.returncode}):\n{log.read_text()[-2000:]}")
        found: dict[str, Any] = json.loads(result.read_text())
    shares = {name: round((seconds - before.get(name, 0.0)) / took, 3) for name, seconds in after.items()}
    return {**found, "users": options.users, "seconds": round(took, 1), "processors": os.cpu_count(), "cpu_shares": shares}


def report(figures: Mapping[str, Any]) -> str:
    """Return the tables."""
    names = ("requests", "errors", "refused_by_policy", "per_second", "p50_ms", "p95_ms", "p99_ms", "slowest_ms")
    lines = [f"| {' | '.join(name.replace('_', ' ') for name in ('', *names))} |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {row['name']} | {' | '.join(f'{row[name]:.0f}' for name in names)} |" for row in figures["rows"]]
    lines += ["", f"{figures['users']} users in {figures['seconds']:.0f} s. Processors used, of {figures['processors']}:"]
    shares = sorted(figures["cpu_shares"].items(), key=lambda one: -one[1])
    lines += [f"  {name:18}{share:6.2f}" for name, share in shares if share >= 0.01]
    lines += [f"error, {one['times']} times: {one['name']}: {one['error']}" for one in figures["errors"]]
    return "\n".join(lines)


def succeeded(figures: Mapping[str, Any]) -> bool:
    """Return whether there was no error, and every user came to an end."""
    return not figures["errors"] and figures["users_finished"] == figures["users"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, and JSON with --json; return 1 after an error."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=1000, help="how many; each has an account")
    parser.add_argument("--arrive-in", type=float, default=30, help="seconds in which the users arrive, evenly; 1: all at once")
    parser.add_argument("--journeys", type=int, default=2, help="rounds of grant to list, of each user, one after the other")
    parser.add_argument("--bytes", type=int, default=65536, help="size of each upload")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    options = parser.parse_args(arguments)
    if not LOCUST.exists():
        print(f"Locust is not installed; `make {LOCUST.relative_to(ROOT)}` does that.", file=sys.stderr)
        return 2
    os.environ.update(SETTINGS)  # the cloud takes its settings from here
    with temporary_cloud() as state:
        figures = drive(state, options)
    print(report(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if succeeded(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
