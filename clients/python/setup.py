"""Makes the client for threads before anything is built or installed; the rest is in pyproject.toml."""

import runpy
from pathlib import Path

from setuptools import setup

runpy.run_path(str(Path(__file__).with_name("make_sync.py")), run_name="__main__")
setup()
