"""The README's commands do what they say: CI runs demo and test itself, the rest is run here as it stands."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from emulator.supervisor.ports import find_free_base

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)


def test_every_command_is_run_somewhere() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    single = [block.strip() for block in BLOCKS if "\n" not in block.strip()]
    assert single == ["./emulator.sh demo", "./emulator.sh test"]
    assert all(command in ci for command in single)
    assert len(BLOCKS) == len(single) + 1


def test_the_session_in_the_readme_works() -> None:
    [session] = [block for block in BLOCKS if "\n" in block.strip()]
    keep = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REELGATE_", "GOOGLE_")) and "EMULATOR" not in name
    }
    env = {**keep, "REELGATE_PORT": str(find_free_base())}
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", session],
            cwd=ROOT, env=env, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    finally:
        subprocess.run(["./emulator.sh", "down"], cwd=ROOT, env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    assert '"message": "Upload permitted"' in done.stdout
    assert '"reserved_storage": 1048576' in done.stdout
