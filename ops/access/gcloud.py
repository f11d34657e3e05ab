"""Run gcloud and parse its JSON. Its output may contain secrets and is returned only to the caller.

Standard library only, so that these commands run everywhere gcloud does, including Cloud Shell.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from ops.access import org_policies

# gcloud copies all its output into its own log file, and with log_http its requests as well
# (gcloud topic configurations: core/disable_file_logging, core/log_http).
_UNLOGGED = {"CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "true", "CLOUDSDK_CORE_LOG_HTTP": "false"}


class GcloudFailed(Exception):
    """gcloud is missing or failed. The text says which command and why, and never contains its input."""


@dataclass(frozen=True, slots=True)
class Gcloud:
    """gcloud for one project, with its own credentials (`gcloud auth login`)."""

    project: str
    program: str = "gcloud"

    def json(self, *arguments: str, stdin: str | None = None) -> Any:
        """Return a command's JSON output; None if it is empty.

        Args:
            stdin: input for the command; secrets go here, because all users of the machine can see arguments.

        Raises:
            GcloudFailed: it cannot be run, failed, or did not print JSON.
        """
        name = " ".join(word for word in arguments[:4] if not word.startswith("-"))
        try:
            done = subprocess.run(
                [self.program, *arguments, f"--project={self.project}", "--format=json", "--quiet"],
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                env={**os.environ, **_UNLOGGED},
                check=False,
            )
        except OSError as error:
            raise GcloudFailed(f"{self.program} cannot be run: {error.strerror}") from None
        if done.returncode:
            why = done.stderr.strip()[-2000:]
            said = why.replace(stdin, "***") if stdin else why
            raise GcloudFailed(f"gcloud {name}: {said}{org_policies.what_to_do(said, self.project)}")
        try:
            return json.loads(done.stdout) if done.stdout.strip() else None
        except ValueError:
            raise GcloudFailed(f"gcloud {name} did not answer in JSON") from None
