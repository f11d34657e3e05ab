"""`python -m emulator COMMAND`."""

# ruff: noqa: E402 - the check for the wrong Python comes first, so older versions must be able to read this file
from __future__ import annotations

from emulator.supervisor.virtual_environment import require_it

require_it("python -m emulator")

import sys

from emulator.cli import main

sys.exit(main())
