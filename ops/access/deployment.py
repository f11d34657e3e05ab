"""Access to a deployment: the settings of its functions, and services with the operator's credentials."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from ops.access.gcloud import Gcloud, GcloudFailed
from reelgate.bootstrap import CloudServices
from reelgate.config import EMULATOR_VARIABLES, Settings

FUNCTION = "reset_daily"
"""The function whose settings are used: it has the rules and the resource names, and no secret."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that select the deployment."""
    parser.add_argument(
        "--project",
        help="the Google Cloud project; without it, the local cloud of `./emulator.sh env` (audit-gaps always needs it)",
    )
    parser.add_argument("--region", default="europe-west1", help="Terraform's variable of that name (default: %(default)s)")
    parser.add_argument("--prefix", default="reelgate", help="Terraform's variable of that name (default: %(default)s)")


def settings_of(given: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the selected deployment.

    A repair must use the deployment's own rules (limits, thresholds, time zone), so they are read from the deployed function.

    Raises:
        GcloudFailed: they cannot be read.
        ValueError: the settings do not work here; the text has all reasons.
    """
    emulators = [name for name in EMULATOR_VARIABLES if environment.get(name)]
    if given.project is None:
        if "FIRESTORE_EMULATOR_HOST" not in emulators:
            raise ValueError('Give --project, or run eval "$(./emulator.sh env)" for the local cloud.')
        found = dict(environment)
    elif emulators:  # Google's clients would mix the books of one cloud with the bucket of the other
        raise ValueError(f"{', '.join(emulators)} point to the local cloud: unset them, or leave out --project.")
    else:
        found = _deployed(Gcloud(given.project), f"{given.prefix}-{FUNCTION.replace('_', '-')}", given.region)
    # Nothing is signed here; the setting only has to name an account.
    signer = f"{given.prefix}-sign-read@{found.get('GOOGLE_CLOUD_PROJECT')}.iam.gserviceaccount.com"
    return Settings.from_env({"REELGATE_SIGNER_ACCOUNT": signer, **found})


def services_of(given: argparse.Namespace) -> CloudServices:
    """Return the deployment's services, using Application Default Credentials.

    Raises GcloudFailed, ValueError.
    """
    return CloudServices(settings_of(given))


def _deployed(gcloud: Gcloud, name: str, region: str) -> dict[str, str]:
    function = gcloud.json("functions", "describe", name, "--v2", f"--region={region}")
    try:
        variables: dict[str, str] = function["serviceConfig"]["environmentVariables"]
    except (KeyError, TypeError):
        raise GcloudFailed(f"{name} has no environment variables: is it one of Reelgate's functions?") from None
    return {name: value for name, value in variables.items() if name.startswith("REELGATE_") or name == "GOOGLE_CLOUD_PROJECT"}
