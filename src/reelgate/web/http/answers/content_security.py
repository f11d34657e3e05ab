"""What browsers may do with a page for people: where it may load from, and which sites may show it in a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def page_headers(*, loads_from: Sequence[str], framed_by: Sequence[str] | None, has_workers: bool = False) -> Mapping[str, str]:
    """Return the headers of the page.

    Args:
        loads_from: beside the page's own origin, those where video, pictures and the API are: Cloud Storage, and the API's URL.
        framed_by: the origins that may show the page in a frame, empty for all of them; None: it is no page for frames.
        has_workers: whether its scripts start workers, from files of its own origin.
    """
    ancestors = "'none'" if framed_by is None else " ".join(framed_by) or "*"
    others = " ".join(loads_from)
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' {others}",
        "connect-src": f"'self' {others}",
        "media-src": f"'self' blob: {others}",  # blob: is how scripts feed a <video>
        **({"worker-src": "'self'"} if has_workers else {}),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": ancestors,
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        # A token may be in the address: no other server is told where the viewer comes from.
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, noarchive",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
