"""The variables that Terraform sets are exactly those that the code reads, but for some that no deployment sets."""

from __future__ import annotations

import re
from typing import Any

from reelgate.config import EMULATOR_VARIABLES, Settings
from tests.fixtures.terraform.text import attributes_of, local, strings_of, text

NOT_SET = {
    **dict.fromkeys(EMULATOR_VARIABLES, "the local cloud's"),
    "K_SERVICE": "Cloud Run sets it",
    "FUNCTION_TARGET": "the function's image sets it",
    "GCE_METADATA_HOST": "a stand-in for Google's metadata server, in tests",
    "REELGATE_IAM_ENDPOINT": "a stand-in for Google's IAM, in tests",
    "REELGATE_SIGNER_KEY_FILE": "a deployment has no key files",
    "REELGATE_WEBHOOK_PRIVATE_TARGETS": "refused on Google Cloud",
    "REELGATE_WORKER_TIMEOUT_SECONDS": "the default is right wherever instances are idle (docs/configuration.md)",
}


class Noting(dict[str, str]):
    """An environment that notes what was asked for."""

    def __init__(self, *values: Any, **more: str) -> None:
        super().__init__(*values, **more)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def read_by_the_code() -> set[str]:
    asked = set()
    for more in ({}, {"K_SERVICE": "upload"}):
        env = Noting({"GOOGLE_CLOUD_PROJECT": "p", "REELGATE_MEDIA_BUCKET": "media", "REELGATE_SIGNER": "none", **more})
        Settings.from_env(env)
        asked |= env.asked
    return asked


def set_by_terraform() -> set[str]:
    named = set(re.findall(r"\b(?:REELGATE|GOOGLE)_[A-Z_]*[A-Z]\b(?!\$)", without_comments(text())))
    rules = {f"REELGATE_{name.upper()}" for name in attributes_of("rules")}
    topics = {f"REELGATE_TOPIC_{name.upper()}" for name in strings_of(local("topics"))}
    return {name for name in named if name != "REELGATE_TOPIC"} | rules | topics


def without_comments(hcl: str) -> str:
    return re.sub(r"(?m)(^|\s)#.*$", "", hcl)


def test_exactly_what_is_read_is_set() -> None:
    assert set_by_terraform() == read_by_the_code() - NOT_SET.keys()


def test_what_is_not_set_is_read_at_all() -> None:
    assert NOT_SET.keys() <= read_by_the_code()
