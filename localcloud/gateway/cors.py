"""Lets a browser's script read what the gateway answers by itself (Fetch standard, "CORS protocol").

API Gateway does not: there, a script sees such an answer as a network error. Here it can read the error.
"""

from collections.abc import Sequence

from multidict import CIMultiDictProxy


def headers_for(given: CIMultiDictProxy[str], origins: Sequence[str]) -> dict[str, str]:
    """Return the CORS headers for the request's origin, as the functions add them; none if the origin has no access."""
    origin = given.get("Origin")
    if origin is None or not ("*" in origins or origin in origins):
        return {}
    return {
        "Access-Control-Allow-Origin": "*" if "*" in origins else origin,
        "Access-Control-Expose-Headers": "Location, Retry-After, X-Request-Id",
        "Vary": "Origin",
    }
