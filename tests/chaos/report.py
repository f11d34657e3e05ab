"""What a run has found, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.chaos.run import Result


def as_json(results: Sequence[Result]) -> str:
    """Return everything about these runs as JSON."""
    return json.dumps([_content(result) for result in results], indent=1)


def sums_of(results: Sequence[Result]) -> str:
    """Return what these runs come to in all, as a table for people."""
    contents = [_content(result) for result in results]
    disturbances = sum((Counter(content["disturbances"]) for content in contents), Counter[str]())
    disturbances.pop("pushes", None)  # what was carried undisturbed, too
    bad = [result.options.seed for result in results if not result.is_good]
    at_rest = sum((Counter(content["stages"][0]["checked"]) for content in contents if content["stages"]), Counter[str]())
    rows = {
        "operations": sum(content["operations"] for content in contents),
        "seconds of work": round(sum(content["seconds"]["work"] for content in contents)),
        "disturbances": disturbances.total(),
        "requests lost or refused": sum(map(_lost, results)),
        "deleted users": sum(content["deleted_users"] for content in contents),
        **{f"{what}, at rest": number for what, number in at_rest.items()},
        "runs with findings": ", ".join(f"seed {seed}" for seed in bad) or 0,
    }
    lines = [
        f"# {len(results)} runs",
        "",
        "| in all | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows.items()),
        "",
    ]
    return "\n".join(lines)


def _lost(result: Result) -> int:
    return sum(times for counts in result.wires.values() for fate, times in counts.items() if fate != "passed")


def _content(result: Result) -> dict[str, Any]:
    journal, options = result.journal, result.options
    return {
        "good": result.is_good,
        "seed": options.seed,
        "operations": result.done,
        "operations_per_second": round(result.done / result.seconds["work"], 1),
        "seconds": {name: round(value, 1) for name, value in result.seconds.items()},
        "users": options.users,
        "devices_of_a_user": options.devices,
        "deleted_users": len(journal.deleted),
        "kinds_of_operations": dict(journal.operations.most_common()),
        "statuses": {str(status): times for status, times in sorted(journal.statuses.items())},
        "answers_lost_by_clients": journal.lost,
        "disturbances": dict(result.disturbances),
        "wires": result.wires,
        "surprises": journal.surprises,
        "surprise_count": journal.surprise_count,
        "stages": [
            {
                "stage": verdict.stage,
                "good": verdict.is_good,
                "checked": verdict.findings.checked,
                "problem_count": verdict.findings.count,
                "problems": verdict.findings.problems,
                "figures": [
                    {"name": one.name, "measured": one.measured, "bound": one.bound, "where": one.where, "good": one.is_good}
                    for one in verdict.figures
                ],
            }
            for verdict in result.verdicts
        ],
    }


def as_markdown(result: Result) -> str:
    """Return a page for people."""
    content = _content(result)
    lines = [
        f"# Chaos, seed {content['seed']}: {'nothing found' if result.is_good else 'SOMETHING FOUND'}",
        "",
        f"{content['operations']} operations in {content['seconds']['work']} s ({content['operations_per_second']} a second), "
        f"{content['users']} users at once, {content['deleted_users']} deleted, {_lost(result)} requests lost or refused.",
        "",
        "| disturbance | times |",
        "|---|---|",
        *(f"| {name} | {times} |" for name, times in sorted(content["disturbances"].items())),
        "",
    ]
    if content["surprises"]:
        lines += [f"## {content['surprise_count']} answers that must not occur", ""]
        lines += [f"- {one}" for one in content["surprises"]] + [""]
    for stage in content["stages"]:
        lines += [f"## {stage['stage']}: {'good' if stage['good'] else 'NOT GOOD'}", ""]
        lines += [", ".join(f"{number} {what}" for what, number in stage["checked"].items()), ""]
        if stage["problem_count"]:
            lines += [f"{stage['problem_count']} problems:", "", *(f"- {one}" for one in stage["problems"]), ""]
        lines += ["| cost | measured | bound | |", "|---|---|---|---|"]
        for one in stage["figures"]:
            bound = "none" if one["bound"] is None else one["bound"]
            lines.append(f"| {one['name']} | {one['measured']} | {bound} | {'' if one['good'] else 'TOO MUCH'} |")
        lines.append("")
    return "\n".join(lines)
