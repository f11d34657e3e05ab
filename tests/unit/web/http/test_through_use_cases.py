"""Routes read and write through use cases; they touch no store themselves."""

from __future__ import annotations

import ast
from pathlib import Path

from reelgate import web

# Settings and the clock; and who sent the request, and whether they may send one now, which is asked before any use case runs.
VALUES = {
    "policy",
    "account_policy",
    "function",
    "bucket",
    "usage_logs_bucket",
    "settles_egress",
    "storage_url",
    "now",
    "new_id",
}
SENDERS = {"identity", "key_identity", "push_identity", "request_limits"}
# How a store is asked, which only a use case knows. Everything else that `web` imports from the ports is a type of an answer.
QUESTIONS = {"ReadSet", "UrlToSign"}


def modules() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(folder)): ast.parse(path.read_text(encoding="utf-8"))
        for folder in web.__path__
        for path in Path(folder).rglob("*.py")
    }


def test_web_asks_no_service_but_for_values_and_senders() -> None:
    asked = {
        (module, node.attr)
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_services(node.value)
    }
    assert {attribute for _, attribute in asked} <= VALUES | SENDERS, sorted(asked)
    assert {module for module, attribute in asked if attribute in SENDERS} == {
        "http/callers.py",
        "http/request_limits.py",
        "events/push.py",
    }


def test_web_builds_no_questions_to_stores() -> None:
    imported = {
        (module, name.name)
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reelgate.ports")
        for name in node.names
    }
    assert imported
    assert [found for found in sorted(imported) if found[1] in QUESTIONS] == []


def _is_services(value: ast.expr) -> bool:
    return (isinstance(value, ast.Attribute) and value.attr == "services") or (
        isinstance(value, ast.Name) and value.id == "services"
    )
