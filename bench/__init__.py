"""Benchmarks: ratios measured in one run on one machine. README.md says how to read them."""

from localcloud.supervisor.virtual_environment import require_it

# Here, and not where they are used: no module of this package can be read by a Python that is too old, nor run without what is
# installed in the environment.
require_it("python -m bench")
