"""The reading path of docs/architecture.md is what an upload runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from tests.fixtures.function_archives import ROOT

PAGE = ROOT / "docs" / "architecture.md"


def test_the_reading_path_lists_what_an_upload_runs_in_order() -> None:
    """In a process of its own: what others have built or imported would be missing."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.fixtures.traced_upload"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    ran = json.loads(run.stdout.splitlines()[-1])
    [table] = re.findall(r"\*\*One upload\*\*.*?\n\n(\| \| module.*?)\n\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    listed = re.findall(r"^\| [0-9]+ \| `([^`]+)` \|", table, re.MULTILINE)
    assert listed == ran
    [number] = re.findall(r"the ([0-9]+) modules of which a function runs", PAGE.read_text(encoding="utf-8"))
    assert int(number) == len(ran)
