"""CORS: the bucket's configuration on the XML API, fixed defaults on the JSON API.

Source: Cloud Storage documentation, "Cross-origin resource sharing" and "Troubleshooting".
"""

from collections.abc import Mapping
from typing import Any

DEFAULT_MAX_AGE_SECONDS = 3600
JSON_METHODS = "DELETE,GET,HEAD,PATCH,POST,PUT,OPTIONS"
JSON_EXPOSED = (
    "Cache-Control, Content-Disposition, Content-Encoding, Content-Length, Content-Range, Content-Type, Date, ETag, "
    "Location, Range, Server, Transfer-Encoding, X-GUploader-UploadID, X-Goog-Generation, X-Goog-Hash, "
    "X-Http-Status-Code-Override"
)


def bucket_answer(entries: list[dict[str, Any]], headers: Mapping[str, str], method: str) -> dict[str, str]:
    """Return the CORS headers for an actual XML request, {} if the configuration does not allow it."""
    origin = headers.get("Origin")
    if origin is None:
        return {}
    for entry in entries:
        if _allows(entry, origin, method):
            exposed = ", ".join(entry.get("responseHeader", []))
            return {
                "Access-Control-Allow-Origin": _allowed_origin(entry, origin),
                "Vary": "Origin",
                **({"Access-Control-Expose-Headers": exposed} if exposed else {}),
            }
    return {}


def bucket_preflight(entries: list[dict[str, Any]], headers: Mapping[str, str]) -> dict[str, str]:
    """Return the CORS headers for an XML preflight, {} unless one entry matches origin, method and every header."""
    origin = headers.get("Origin", "")
    method = headers.get("Access-Control-Request-Method", "")
    requested = _names(headers.get("Access-Control-Request-Headers", ""))
    for entry in entries:
        listed = {name.lower() for name in entry.get("responseHeader", [])}
        if _allows(entry, origin, method) and requested <= listed:
            return {
                "Access-Control-Allow-Origin": _allowed_origin(entry, origin),
                "Access-Control-Allow-Methods": ",".join(entry.get("method", [])),
                "Access-Control-Allow-Headers": ",".join(entry.get("responseHeader", [])),
                "Access-Control-Max-Age": str(entry.get("maxAgeSeconds", DEFAULT_MAX_AGE_SECONDS)),
                "Vary": "Origin",
            }
    return {}


def json_answer_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the CORS headers that every JSON API answer to a browser carries."""
    origin = headers.get("Origin")
    if origin is None:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": JSON_EXPOSED, "Vary": "Origin"}


def json_preflight(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the CORS headers of a JSON API preflight: everything requested is allowed."""
    origin = headers.get("Origin")
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": JSON_METHODS,
        "Access-Control-Allow-Headers": headers.get("Access-Control-Request-Headers", ""),
        "Access-Control-Max-Age": str(DEFAULT_MAX_AGE_SECONDS),
        "Vary": "Origin",
    }


def _allows(entry: dict[str, Any], origin: str, method: str) -> bool:
    methods = {name.upper() for name in entry.get("method", [])}
    return ({origin, "*"} & set(entry.get("origin", []))) != set() and ({method.upper(), "*"} & methods) != set()


def _allowed_origin(entry: dict[str, Any], origin: str) -> str:
    return "*" if "*" in entry.get("origin", []) else origin


def _names(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",") if name.strip()}
