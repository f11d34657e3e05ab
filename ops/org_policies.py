"""What to do when a policy of the organisation forbids what a command wants.

Google names the constraint in its refusal and nothing else. Organisations made since May 2024 enforce some from the start
(Resource Manager docs, "Manage secure-by-default organization resources"); HMAC keys for service accounts need two of them out
of the way (Cloud Storage docs, "Manage HMAC keys for service accounts").
"""

from __future__ import annotations

import re

# `iam.disableServiceAccountKeyCreation`, and the managed form of it that Google is moving to.
_NAMED = re.compile(r"constraints/([a-zA-Z]+(?:\.[a-zA-Z]+)+)")
_KNOWN = re.compile(r"\b((?:iam|storage)(?:\.managed)?\.(?:disableServiceAccountKeyCreation|restrictAuthTypes))\b")


def constraints_in(refusal: str) -> list[str]:
    """Return the names of the constraints that a refusal names, without `constraints/`, each once."""
    return list(dict.fromkeys(_NAMED.findall(refusal) + _KNOWN.findall(refusal)))


def what_to_do(refusal: str, project: str) -> str:
    """Return how to make an exception for a project from the policies that a refusal names; nothing if it names none."""
    names = constraints_in(refusal)
    if not names:
        return ""
    commands = "".join(f"\n  {_exception(name, project)}" for name in names)
    return (
        "\nA policy of your organisation forbids this. Somebody with roles/orgpolicy.policyAdmin can except this project;"
        f" it takes some minutes:{commands}"
        '\nWhere that is not wanted, stay with signer = "iam", which needs no keys (docs/signing.md).'
    )


def _exception(constraint: str, project: str) -> str:
    """Return the command for a constraint: an enforced one is switched off, a list of values goes back to Google's default."""
    if "disable" in constraint and ".managed." not in constraint:
        return f"gcloud resource-manager org-policies disable-enforce {constraint} --project={project}"
    return f"gcloud org-policies reset {constraint} --project={project}"
