"""The two suites: how each is started, and which of its tests are about what the emulator offers."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance_suites.methods import OFFERED

SUITE_SECONDS = 3600
# Of methods that are offered, what also asks for access lists, keys, IAM policies or expiration by retention.
NODE_LEFT_OUT = frozenset(
    {
        *(
            "bucketMakePrivate",
            "bucketMakePrivateInstancePrecondition",
            "fileMakePrivate",
            "fileMakePrivateInstancePrecondition",
        ),
        *("isPublic", "rotateEncryptionKey", "enableLogging", "enableLoggingInstancePrecondition"),
    }
)
# It succeeds where a retention period makes objects expire; that it gives up on errors is checked by the other scenarios.
NODE_SCENARIO_LEFT_OUT = "1 getExpirationDate"
# The PATCH methods of the Python suite are access lists, too, except for these.
PYTHON_ONLY = {"storage.buckets.patch": "bucket_patch", "storage.objects.patch": "blob_patch"}


@dataclass
class Outcome:
    """What came of a suite: how many passed, and the failures in the suite's own words."""

    passed: int = 0
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many ran."""
        return self.passed + len(self.failures)


def run_python_storage(checkout: Path, url: str, work: Path) -> Outcome:
    """Run googleapis/python-storage's tests/conformance/test_conformance.py with the client of that checkout.

    Raises:
        RuntimeError: the suite could not be started.
    """
    report = work / "python-storage.xml"
    wanted = [f"{name}-{PYTHON_ONLY.get(name, '')}" for name in sorted(OFFERED)]
    command = [sys.executable, "-m", "pytest", "tests/conformance/test_conformance.py", "-q", "-p", "no:cacheprovider"]
    command += ["-k", " or ".join(wanted), f"--junitxml={report}"]
    said = _run(command, checkout, {"STORAGE_EMULATOR_HOST": url, "PATH": f"{_no_docker(work)}:{os.environ['PATH']}"})
    if not report.exists():
        raise RuntimeError(f"the Python suite did not run:\n{said}")
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):
        trouble = next((child for child in case if child.tag in {"failure", "error"}), None)
        if trouble is None:
            outcome.passed += 1
        else:
            outcome.failures[case.get("name", "?")] = trouble.get("message", "")
    return outcome


def run_nodejs_storage(checkout: Path, url: str, work: Path) -> Outcome:
    """Run the compiled conformance-test/scenarios of googleapis/nodejs-storage.

    Raises:
        RuntimeError: it has not been compiled, or the suite could not be started.
    """
    built = checkout / "build" / "cjs" / "conformance-test" / "scenarios"
    if not built.is_dir():
        raise RuntimeError(f"{checkout} is not compiled: {built} is missing (its CONTRIBUTING.md says how)")
    mapping = json.loads((checkout / "conformance-test" / "test-data" / "retryInvocationMap.json").read_text(encoding="utf-8"))
    names = sorted({name for method in OFFERED for name in mapping.get(method, []) if name not in NODE_LEFT_OUT})
    report = work / "nodejs-storage.json"
    command = [str(checkout / "node_modules" / ".bin" / "mocha"), str(built), "--reporter", "json"]
    command += [
        "--reporter-option",
        f"output={report}",
        "--grep",
        rf"^Scenario (?!{NODE_SCENARIO_LEFT_OUT} )\d+ ({'|'.join(names)}) ",
    ]
    said = _run(command, checkout, {"STORAGE_EMULATOR_HOST": f"{url}/", "MOCHA_THROW_DEPRECATION": "false"})
    if not report.exists():
        raise RuntimeError(f"the Node suite did not run:\n{said}")
    document = json.loads(report.read_text(encoding="utf-8"))
    failures = {failure["fullTitle"]: failure["err"].get("message", "") for failure in document["failures"]}
    return Outcome(len(document["passes"]), failures)


def commit_of(checkout: Path) -> str:
    """Return the commit of a checkout, or what is known instead."""
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "not a git checkout"


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=SUITE_SECONDS,
    )
    return (done.stdout + done.stderr)[-4000:]


def _no_docker(work: Path) -> Path:
    """Return a folder with a `docker` that does nothing: the suite would start the testbench where the emulator is."""
    folder = work / "bin"
    folder.mkdir(exist_ok=True)
    docker = folder / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)
    return folder
