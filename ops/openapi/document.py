"""The whole document: the frame, version 1's routes, and those of the older services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ops.openapi.examples.fields import Schema, with_examples
from ops.openapi.examples.problems import problem_examples
from ops.openapi.functions import routes_with_shapes
from ops.openapi.operations import operation
from ops.openapi.schemas import schemas_of
from ops.openapi.shared_answers import problem_codes, share_refusals

ROOT = Path(__file__).resolve().parents[2]
FRAME = Path(__file__).with_name("frame.yaml")
OLDER = Path(__file__).with_name("older_services.yaml")
NOTE = "# Made by `make openapi` from the route tables, ops/openapi/frame.yaml and ops/openapi/older_services.yaml.\n"


def openapi() -> str:
    """Return openapi.yaml. Raises ValueError if two things in it have the same name."""
    frame, older = _read(FRAME), _read(OLDER)
    shapes = [route.shape for _, route in routes_with_shapes() if route.shape is not None]
    types = {kind for shape in shapes for kind in (shape.gives, None if shape.query else shape.takes) if kind is not None}
    paths: Schema = {}
    for function, route in routes_with_shapes():
        paths.setdefault(route.path, {})[route.method.lower()] = operation(function, route)
    components = _joined(frame["components"], older["components"])
    made = with_examples(schemas_of(sorted(types, key=lambda kind: kind.__name__)))
    components = _joined(components, {"schemas": made, "examples": problem_examples(_codes(paths))})
    paths, responses = share_refusals(paths)
    components = _joined(components, {"responses": responses})
    document = {**frame, "paths": {**paths, **older["paths"]}, "components": components}
    return NOTE + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _codes(paths: Schema) -> Iterator[str]:
    """Yield the codes of errors whose examples the operations refer to."""
    for item in paths.values():
        for one in item.values():
            for response in one["responses"].values():
                yield from problem_codes(response)


def _joined(one: Schema, other: Schema) -> Schema:
    """Return the components of both. Raises ValueError for a name that both have."""
    joined = {kind: dict(members) for kind, members in one.items()}
    for kind, members in other.items():
        twice = joined.get(kind, {}).keys() & members.keys()
        if twice:
            raise ValueError(f"{kind} in openapi.yaml twice: {', '.join(sorted(twice))}")
        joined.setdefault(kind, {}).update(members)
    return joined


def _read(path: Path) -> Schema:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


class _Dumper(yaml.SafeDumper):
    """Writes long texts in blocks, and no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """See `yaml.SafeDumper`."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
