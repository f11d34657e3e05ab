"""An example of each schema, made of those of its fields, and what is said once about fields of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Schema = dict[str, Any]

KNOWN: Mapping[str, Schema] = yaml.safe_load(Path(__file__).with_name("known_fields.yaml").read_text(encoding="utf-8"))
INSTANT = "2026-03-14T09:26:53Z"
ANY_TEXT = "text"
"""The example of a text of which nothing is known."""

BY_FORMAT = {"date-time": INSTANT, "date": INSTANT[:10]}


def with_examples(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schemas with descriptions of all fields that have a known name, and a whole example of each object."""
    described = {name: _described(schema) for name, schema in schemas.items()}
    return {name: {**schema, "example": example_of(schema, described)} for name, schema in described.items()}


def known(name: str, schema: Schema) -> Schema:
    """Return a field's schema with what is said about all fields of its name, where it does not say it itself."""
    if "$ref" in schema:  # what stands beside a reference is ignored
        return schema
    said = dict(KNOWN.get(name, {}))
    if schema.get("default") is not None or ("enum" in schema and said.get("example") not in schema["enum"]):
        said.pop("example", None)
    return {**said, **schema}


def _described(schema: Schema) -> Schema:
    if "properties" not in schema:
        return schema
    return {**schema, "properties": {name: known(name, value) for name, value in schema["properties"].items()}}


def example_of(schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    """Return an example of a schema: its own, or one that is made of those of its parts."""
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for key in ("allOf", "anyOf"):
        if key in schema:
            return example_of(schema[key][0], schemas)
    if "properties" in schema:
        return {name: example_of(value, schemas) for name, value in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return _simple_example(schema)


def _simple_example(schema: Schema) -> Any:
    kind = schema.get("type")
    if schema.get("default") is not None:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    if schema.get("nullable"):
        return None
    if kind == "string":
        return ANY_TEXT
    return {"integer": schema.get("minimum", 0), "number": 1.5, "boolean": True}.get(str(kind), {})
