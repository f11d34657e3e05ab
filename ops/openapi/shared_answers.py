"""Answers for errors that several operations have, declared once as `components/responses`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ops.openapi.examples.fields import Schema

PROBLEM = "application/problem+json"


def problem_codes(response: Schema) -> tuple[str, ...]:
    """Return the codes of the errors that an answer can have; none for one that is no error."""
    return tuple(response.get("content", {}).get(PROBLEM, {}).get("examples", ()))


def share_refusals(paths: Schema) -> tuple[Schema, Schema]:
    """Return the paths with references in place of the errors' answers that two operations or more have, and these answers.

    An answer is named by its codes, `invalid_request`, `account_disabled-not_for_api_keys`. The order in which operations have
    the codes makes no difference.
    """
    uses = Counter(_name(response) for response in _responses(paths))
    shared: Schema = {}

    def reference(response: Schema) -> Schema:
        name = _name(response)
        if name is None or uses[name] < 2:
            return response
        shared.setdefault(name, response)
        return {"$ref": f"#/components/responses/{name}"}

    made = {
        path: {
            method: {
                **operation,
                "responses": {status: reference(response) for status, response in operation["responses"].items()},
            }
            for method, operation in item.items()
        }
        for path, item in paths.items()
    }
    return made, dict(sorted(shared.items()))


def _responses(paths: Schema) -> Iterator[Schema]:
    for item in paths.values():
        for operation in item.values():
            yield from operation["responses"].values()


def _name(response: Schema) -> str | None:
    """None for an answer that is not shared: it is no error, or one that people may get as a page."""
    if response.get("content", {}).keys() - {PROBLEM}:
        return None
    return "-".join(sorted(problem_codes(response))) or None
