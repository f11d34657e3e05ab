"""`python -m localcloud COMMAND`."""

# ruff: noqa: E402 - the check for the wrong Python comes first, so older versions must be able to read this file
from __future__ import annotations

from localcloud.supervisor.virtual_environment import require_it

require_it("python -m localcloud")

import sys

from localcloud.supervisor.commands.cli import main

sys.exit(main())
