"""Types of requests and answers as schemas of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from ops.openapi.examples.fields import ANY_TEXT, Schema, example_of, known

REFERENCE = "#/components/schemas/{name}"
INT64 = {"type": "integer", "format": "int64"}


def schemas_of(types: Iterable[type[Struct]]) -> dict[str, Schema]:
    """Return the schemas of types, and of all types that they use, by name. Objects have no members that are not listed."""
    _, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    return {name: {**_converted(schema), "additionalProperties": False} for name, schema in components.items()}


def parameters_of(query: type[Struct]) -> list[Schema]:
    """Return the query parameters that a type declares."""
    schema = schemas_of([query])[query.__name__]
    required = schema.get("required", ())
    return [_parameter(name, value, required=name in required) for name, value in schema["properties"].items()]


def _parameter(name: str, schema: Schema, *, required: bool) -> Schema:
    schema = dict(known(name, schema))
    description = schema.pop("description", None)
    example = example_of(schema, {})
    schema.pop("example", None)
    schema.pop("nullable", None)  # a parameter is there or not
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", "") is None:
        del schema["default"]
    said = {"description": description, "example": None if example == ANY_TEXT else example}
    return {
        "name": name,
        "in": "query",
        "required": required,
        **{k: v for k, v in said.items() if v is not None},
        "schema": schema,
    }


def _converted(schema: Schema) -> Schema:
    """Return a JSON Schema as OpenAPI 3.0 has it: `nullable` instead of null types, one `example` instead of several."""
    schema = dict(schema)
    schema.pop("title", None)
    if schema.get("required") == []:  # OpenAPI 3.0 wants one name at least
        del schema["required"]
    if "anyOf" in schema:
        schema = _alternatives(schema)
    if "examples" in schema:
        schema["example"] = schema.pop("examples")[0]
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "enum" in schema and "type" not in schema:
        schema["type"] = "string"
    if schema.get("type") == "integer" and "maximum" not in schema:
        schema |= INT64
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            schema[key] = _converted(schema[key])
    if "properties" in schema:
        schema["properties"] = {name: _converted(value) for name, value in schema["properties"].items()}
    if not schema.get("required", True):  # an empty list is not allowed
        del schema["required"]
    if "$ref" in schema and len(schema) > 1:  # what stands beside a reference is ignored
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    return schema


def _alternatives(schema: Schema) -> Schema:
    given = schema.pop("anyOf")
    others = [_converted(one) for one in given if one != {"type": "null"}]
    nullable = {"nullable": True} if len(others) < len(given) else {}
    if len(others) > 1:
        return {**schema, "anyOf": others, **nullable}
    (only,) = others
    if nullable and "enum" in only:
        only["enum"] = [*only["enum"], None]
    if nullable and "$ref" in only:  # `nullable` beside a reference would not allow null (OpenAPI 3.0.3, "Schema Object")
        return {**schema, "anyOf": [only, {"enum": [None]}]}
    return {**only, **schema, **nullable}
