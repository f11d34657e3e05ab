"""Verify a running deployment as the tests verify the local cloud: `python -m ops.live_check --help`."""

from localcloud.supervisor.virtual_environment import require_it

# Here, and not where they are used: no module of this package can be read by a Python that is too old, nor run without what is
# installed in the environment.
require_it("python -m ops.live_check")
