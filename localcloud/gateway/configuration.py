"""The gateway's configuration: the API's operations and where each function listens."""

import json
from urllib.parse import urlsplit

from localcloud.gateway.openapi import InvalidOpenApi, Operation, read_operations


def load(openapi: str, backends: str) -> tuple[list[Operation], dict[str, str]]:
    """Return operations and backends out of the texts of the two files. Raises InvalidOpenApi with every problem."""
    operations: list[Operation] = []
    problems: list[str] = []
    try:
        operations = read_operations(openapi)
    except InvalidOpenApi as invalid:
        problems += invalid.problems
    origins = {}
    try:
        origins = json.loads(backends)
    except ValueError as error:
        problems.append(f"backends: not JSON: {error}")
    else:
        problems += backend_problems(operations, origins)
    if problems:
        raise InvalidOpenApi(problems)
    return operations, origins


def backend_problems(operations: list[Operation], backends: object) -> list[str]:
    """Return what is wrong with the backends: not name -> origin, or an operation's function is missing."""
    if not isinstance(backends, dict):
        return ["backends: a JSON object of function name and origin is expected"]
    unusable = {name: origin for name, origin in backends.items() if not is_origin(origin)}
    problems = [f"backends: {name}: not an http origin: {origin!r}" for name, origin in unusable.items()]
    for operation in operations:
        if operation.function not in backends:
            problems.append(f"{operation.method} {operation.path}: no backend {operation.function!r}")
    return problems


def is_origin(value: object) -> bool:
    """Return whether `value` is `http://host:port` and nothing more."""
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    return parts.scheme == "http" and bool(parts.hostname) and value == f"http://{parts.netloc}"
