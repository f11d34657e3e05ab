"""What Google's builder compiles of an archive is still valid in the image, where all files have another time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

from tests.fixtures.function_archives import ROOT, unpack

IMAGE_TIME = 315_532_801
"""1980-01-01 00:00:01, the time of all files in an image of Cloud Native Buildpacks (lifecycle, `NormalizedTime`)."""


def build_variables() -> dict[str, str]:
    """Return the environment variables of the build, as the module of Terraform sets them."""
    module = (ROOT / "terraform/modules/function/main.tf").read_text(encoding="utf-8")
    [build] = re.findall(r"^  build_config \{$(.*?)^  \}$", module, re.DOTALL | re.MULTILINE)
    [variables] = re.findall(r"^    environment_variables = \{ (.*) \}$", build, re.MULTILINE)
    return dict(re.findall(r'(\w+) = "([^"]*)"', variables))


def test_no_module_is_compiled_again_at_a_cold_start(tmp_path: Path) -> None:
    unpack("audit", tmp_path)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # The command of Google's buildpack (GoogleCloudPlatform/buildpacks, cmd/python/functions_framework).
    compile_all = [sys.executable, "-m", "compileall", "-f", "-q", "."]
    subprocess.run(compile_all, cwd=tmp_path, env={**clean, **build_variables()}, check=True)
    module = tmp_path / "reelgate/domain/value_types.py"
    for path in (module, Path(cache_from_source(str(module)))):
        os.utime(path, (IMAGE_TIME, IMAGE_TIME))
    run = subprocess.run(
        [sys.executable, "-v", "-c", "import reelgate.domain.value_types"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{cache_from_source(str(module))} matches {module}" in run.stderr
