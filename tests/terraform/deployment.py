"""A deployment of an example onto the stand-ins, and what is read from its state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fixtures.function_archives import FUNCTIONS, WITHOUT_USAGE_LOGS
from tests.fixtures.terraform.program import Terraform, attributes
from tests.fixtures.terraform.state import StateServer

SMTP_PASSWORD = "a-password-that-no-state-holds"
WEBHOOK_SECRET = "whsec_YS1zZWNyZXQtdGhhdC1uby1zdGF0ZS1ob2xkcw=="
WEBHOOKS = json.dumps([{"id": "main", "url": "https://main.example.com/hooks", "secrets": [WEBHOOK_SECRET]}])
HMAC_SECRET = "made-by-a-command-and-never-seen-by-terraform"
SECRETS = {
    "REELGATE_SMTP_PASSWORD": SMTP_PASSWORD,
    "REELGATE_WEBHOOKS": WEBHOOKS,
    "REELGATE_HMAC_SECRET": HMAC_SECRET,
    "REELGATE_THROTTLE_KEY": "k" * 40,
}
"""What Secret Manager would put into the environment."""


def module_of(function: str) -> str:
    """Return the address of a function's module in an example."""
    return f"module.reelgate.module.{'finalize' if function == 'finalize' else f'function["{function}"]'}"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One example in one copy of the project, with a state of its own."""

    terraform: Terraform
    states: StateServer
    project: Path
    example: str

    @property
    def folder(self) -> Path:
        return self.project / "terraform" / "examples" / self.example

    @property
    def sources(self) -> Path:
        """The folder that `reelgate` is imported from."""
        return self.project / "src"

    @property
    def expected_functions(self) -> tuple[str, ...]:
        """The functions that the example has: the minimal one has no usage logs."""
        return WITHOUT_USAGE_LOGS if self.example == "minimal" else FUNCTIONS

    def start(self) -> None:
        """Connect the example to its state."""
        address = f"-backend-config=address={self.states.url(self.example)}"
        self.terraform.run(self.folder, "init", "-input=false", "-reconfigure", address)

    def apply(self, **variables: str) -> None:
        self._run("apply", "-auto-approve", "-input=false", **variables)

    def apply_plan(self) -> None:
        """Do what was planned last. Secrets are not in a plan, and given again."""
        self._run("apply", "-input=false", ".plan")

    def assert_nothing_to_do(self, **variables: str) -> None:
        said = self._run("plan", "-detailed-exitcode", "-input=false", good=(0, 2), **variables)
        assert "No changes." in said, said[-4000:]

    def plan(self, **variables: str) -> dict[str, str]:
        """Return what would be done: address to action. `apply_plan` does it."""
        said = self._run("plan", "-input=false", "-out=.plan", "-json", **variables)
        messages = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        changes = [message["change"] for message in messages if message["type"] == "planned_change"]
        return {change["resource"]["addr"]: change["action"] for change in changes if change["action"] != "read"}

    def refused_plan(self, targets: list[str], **variables: str) -> str:
        """Return why parts of it cannot be planned."""
        return self._run("plan", "-input=false", *[f"-target={target}" for target in targets], good=(1,), **variables)

    def destroy(self, *, good: tuple[int, ...] = (0,), **variables: str) -> str:
        return self._run("destroy", "-auto-approve", "-input=false", good=good, **variables)

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the attributes of all resources of a type."""
        return attributes(self.states.read(self.example), kind)

    def functions(self) -> dict[str, dict[str, Any]]:
        """Return the functions' attributes by the names of their folders."""
        found = self.all("google_cloudfunctions2_function").values()
        return {function["build_config"][0]["entry_point"]: function for function in found}

    def environments(self) -> dict[str, Mapping[str, str]]:
        """Return what each function finds in its environment, secrets and Cloud Run's own variables included."""
        environments = {}
        for name, function in self.functions().items():
            service = function["service_config"][0]
            secret = {one["key"]: SECRETS[one["key"]] for one in service["secret_environment_variables"] or []}
            environments[name] = service["environment_variables"] | secret | {"K_SERVICE": function["name"]}
        return environments

    def _run(self, *arguments: str, good: tuple[int, ...] = (0,), **variables: str) -> str:
        secrets = {} if self.example == "minimal" else {"smtp_password": SMTP_PASSWORD, "webhooks": WEBHOOKS}
        given = {"project_id": "demo-project-1", "domain": "api.example.com"} | secrets | variables
        return self.terraform.run(self.folder, *arguments, good=good, **given)
