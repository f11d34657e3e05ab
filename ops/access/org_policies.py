"""What to do if an organisation policy forbids a command.

Google's error only names the constraint. Organisations created since May 2024 enforce some by default (Resource Manager docs,
"Manage secure-by-default organization resources"); HMAC keys for service accounts need exemptions from two of them (Cloud
Storage docs, "Manage HMAC keys for service accounts").
"""

from __future__ import annotations

import re

# `iam.disableServiceAccountKeyCreation`, and its managed form, which Google is migrating to.
_NAMED = re.compile(r"constraints/([a-zA-Z]+(?:\.[a-zA-Z]+)+)")
_KNOWN = re.compile(r"\b((?:iam|storage)(?:\.managed)?\.(?:disableServiceAccountKeyCreation|restrictAuthTypes))\b")


def constraints_in(refusal: str) -> list[str]:
    """Return the names of the constraints in an error, without `constraints/`, each once."""
    return list(dict.fromkeys(_NAMED.findall(refusal) + _KNOWN.findall(refusal)))


def what_to_do(refusal: str, project: str) -> str:
    """Return how to exempt a project from the policies in an error; an empty text if there are none."""
    names = constraints_in(refusal)
    if not names:
        return ""
    commands = "".join(f"\n  {_exception(name, project)}" for name in names)
    return (
        "\nA policy of your organisation forbids this. A holder of roles/orgpolicy.policyAdmin can exempt this project;"
        f" it takes some minutes:{commands}"
        '\nOtherwise keep signer = "iam", which needs no keys (docs/signing.md).'
    )


def _exception(constraint: str, project: str) -> str:
    """Return the command for a constraint: an enforced one is disabled, a list of values is reset to Google's default."""
    if "disable" in constraint and ".managed." not in constraint:
        return f"gcloud resource-manager org-policies disable-enforce {constraint} --project={project}"
    return f"gcloud org-policies reset {constraint} --project={project}"
