"""Make openapi.yaml from the route tables."""

from localcloud.supervisor.virtual_environment import require_it

require_it("python -m ops.openapi")  # here for the reason that ops/live_check has
