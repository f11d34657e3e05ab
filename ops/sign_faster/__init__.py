"""HMAC keys, by which functions sign URLs without calling IAM: `python -m ops.sign_faster --help`."""

from localcloud.supervisor.virtual_environment import require_it

# Here, as in ops/live_check/__init__.py: before anything that a Python that is too old cannot read.
require_it("python -m ops.sign_faster")
