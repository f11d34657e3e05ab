"""Which HMAC keys are in use: Terraform's variables for them, and the state of the commands that create them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROLES = ("upload", "read")
"""The signing accounts: one for URLs that create objects, one for those that read them (terraform/iam.tf)."""


class CannotDo(Exception):
    """The command stopped before any unsafe change; the text says what to do."""


@dataclass(frozen=True, slots=True)
class NamedKey:
    """What Terraform gets: the key's access id, and the version of the secret."""

    access_id: str
    version: str


class KeyFile:
    """`hmac.auto.tfvars.json`: Terraform's variables, and the state of these commands. It contains no secret."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, NamedKey]:
        """Return each signer's key, or an empty result if none were made. Raises CannotDo for a file of another kind."""
        try:
            named = json.loads(self.path.read_text(encoding="utf-8"))["hmac_access_ids"]
            return {role: NamedKey(**named[role]) for role in ROLES}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError):
            raise CannotDo(f"{self.path} was not written by this command; move it away or repair it.") from None

    def write(self, named: Mapping[str, NamedKey]) -> None:
        """Write the keys atomically. Terraform signs with them after its next apply."""
        content = {"signer": "hmac", "hmac_access_ids": {role: asdict(named[role]) for role in ROLES}}
        new = self.path.with_name(f".{self.path.name}.new")
        new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        new.replace(self.path)


def working_directory_file() -> Path:
    """Return the default path of the file: beside the Terraform configuration."""
    folder = Path("terraform")
    return (folder if folder.is_dir() else Path(os.curdir)) / "hmac.auto.tfvars.json"
