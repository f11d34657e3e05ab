"""What functions-framework loads for an instance: the function as deployed, with the shared clock in place of the machine's."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from reelgate.bootstrap.cloud_services import CloudServices  # noqa: E402
from tests.chaos.cloud.clock import clock_of_this_process  # noqa: E402

clock = clock_of_this_process()
setattr(CloudServices, "now", lambda _: clock())  # noqa: B010 (a method is replaced on purpose)

TARGET = os.environ["FUNCTION_TARGET"]
_spec = importlib.util.spec_from_file_location(f"function_{TARGET}", ROOT / "functions" / TARGET / "main.py")
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
globals()[TARGET] = getattr(_module, TARGET)
