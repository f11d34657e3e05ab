"""Which HMAC keys are in use: Terraform's variables for them, and the memory of the commands that make them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROLES = ("upload", "read")
"""The accounts that sign: one for URLs that create objects, one for those that read them (terraform/iam.tf)."""


class CannotDo(Exception):
    """Nothing was changed that must not be; the text says what to do."""


@dataclass(frozen=True, slots=True)
class NamedKey:
    """What Terraform is told: the key's public half, and which version of the secret is its other half."""

    access_id: str
    version: str


class KeyFile:
    """`hmac.auto.tfvars.json`: Terraform's variables for this, and the memory of these commands. It holds no secret."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, NamedKey]:
        """Return each signer's key, or nothing at all where none were made. Raises CannotDo for a file that is none of ours."""
        try:
            named = json.loads(self.path.read_text(encoding="utf-8"))["hmac_access_ids"]
            return {role: NamedKey(**named[role]) for role in ROLES}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError):
            raise CannotDo(f"{self.path} is not a file of this command; move it away or repair it.") from None

    def write(self, named: Mapping[str, NamedKey]) -> None:
        """Keep the keys, all or nothing: Terraform signs with them from its next apply on."""
        content = {"signer": "hmac", "hmac_access_ids": {role: asdict(named[role]) for role in ROLES}}
        new = self.path.with_name(f".{self.path.name}.new")
        new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        new.replace(self.path)


def working_directory_file() -> Path:
    """Return where the keys are named unless somebody says otherwise: beside the Terraform configuration."""
    folder = Path("terraform")
    return (folder if folder.is_dir() else Path(os.curdir)) / "hmac.auto.tfvars.json"
