"""Whether a deployment works: `doctor`."""

from __future__ import annotations

import re
from typing import Annotated

import httpx
import typer

from reelgate_client.cli.command import command
from reelgate_client.cli.context import Cli
from reelgate_client.cli.doctor.deployment import TIMEOUT, Deployment
from reelgate_client.cli.doctor.examination import examine
from reelgate_client.cli.doctor.findings import Finding, Findings, State
from reelgate_client.cli.exit_codes import ExitCode

ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?")
PROJECT = re.compile(r"[a-z][a-z0-9:.-]{4,80}")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(
        app,
        "doctor",
        examples="reelgate doctor\n"
        "reelgate doctor --origin https://app.example.com --project my-videos-1\n"
        "reelgate doctor --url https://api.example.com --quick --json",
    )(doctor)


async def doctor(
    cli: Cli,
    origin: Annotated[
        str | None, typer.Option(metavar="https://app.example.com", help="A site whose scripts should be able to use it.")
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="ID", help="Its Google Cloud project: asks gcloud about the buckets, too."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Upload nothing, and wait for nothing.")] = False,
) -> ExitCode:
    """Look at a deployment from outside, and say what is wrong and what mends it.

    Uploads one byte, as your account, and removes it. Exits with 1 if something is wrong; warnings are not.
    """
    if origin is not None and not ORIGIN.fullmatch(origin):
        raise typer.BadParameter("An origin is https://, a host and perhaps a port, without a path.", param_hint="--origin")
    if project is not None and not PROJECT.fullmatch(project):
        raise typer.BadParameter("That is not the id of a project.", param_hint="--project")
    findings = Findings(lambda finding: None if cli.output.as_json else _show(cli, finding))
    async with cli.client() as client, httpx.AsyncClient(transport=cli.transport, timeout=TIMEOUT) as http:
        deployment = Deployment(cli.deployment(), client, http, findings, origin=origin, project=project)
        code = await examine(deployment, quick=quick)
    counts = {state.value.replace(" ", "_"): findings.count(state) for state in State}
    if cli.output.as_json:
        cli.output.document({"items": findings.items, **counts})
    else:
        said = ", ".join(f"{findings.count(state)} {state}" for state in State)
        cli.output.note(f"{deployment.url}: {said}.")
    return code


def _show(cli: Cli, finding: Finding) -> None:
    cli.output.line(f"{finding.state:<9}  {finding.subject}: {finding.question}. {finding.detail}")
    if finding.mend is not None:
        cli.output.line(f"{'':<9}  -> {finding.mend}")
