"""`python -m emulator COMMAND`."""

# ruff: noqa: E402 - first of all whoever has the wrong Python is told so; older ones must be able to read this file
from __future__ import annotations

from emulator.supervisor.virtual_environment import require_it

require_it("python -m emulator")

import sys

from emulator.cli import main

sys.exit(main())
