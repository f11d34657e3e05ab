"""The questions that Cloud Storage's documentation leaves open, and what localcloud/gcs assumes meanwhile.

The books depend on none of the answers: they believe what the bucket has at the end. Where one differs, change the emulator, so
that tests see what users see; docs/real-cloud.md names the few that need more.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from ops.live_check.playback import composed, cors_of_errors, session_type
from ops.live_check.storage import CannotAsk, Storage
from ops.live_check.target import shown
from reelgate.domain.usage.egress_tags import PARAMETER

AREA = "storage"
SEVEN_DAYS = 604_800


def length_range(storage: Storage) -> str:
    """Whether a length range that is signed when a session is opened holds for what is sent."""
    opened = storage.open_signed(storage.name("length-range"), {"x-goog-content-length-range": "1,10"})
    if opened.status_code != 201:
        return f"opening: {shown(opened)}"
    return f"20 bytes against 1,10: {shown(storage.target.web.put(opened.headers['location'], content=bytes(20)))}"


def declared_length(storage: Storage) -> str:
    """What a session says to more bytes than X-Upload-Content-Length declared."""
    opened = storage.open_json(storage.name("declared-length"), headers={"X-Upload-Content-Length": "10"})
    session = opened.headers["location"]
    sent = storage.target.web.put(session, content=bytes(20), headers={"Content-Range": "bytes 0-19/20"})
    after = storage.target.web.put(session, headers={"Content-Range": "bytes */10", "Content-Length": "0"})
    return f"20 bytes against 10: {sent.status_code}, asked again: {after.status_code}"


def signed_length(storage: Storage) -> str:
    """What a session that a client has opened says to more bytes than the X-Upload-Content-Length in its signature."""
    opened = storage.open_signed(storage.name("signed-length"), {"x-upload-content-length": "10"})
    if opened.status_code != 201:
        return f"opening: {shown(opened)}"
    session = opened.headers["location"]
    sent = storage.target.web.put(session, content=bytes(20), headers={"Content-Range": "bytes 0-19/20"})
    after = storage.target.web.put(session, headers={"Content-Range": "bytes */10", "Content-Length": "0"})
    return f"20 bytes against 10: {sent.status_code}, asked again: {after.status_code}"


def create_only(storage: Storage) -> str:
    """Whether create-only is judged when a session is opened, or when the object is written."""
    name = storage.name("create-only")
    storage.write(name, b"first")
    opened = storage.open_json(name, query={"ifGenerationMatch": "0"})
    if "location" not in opened.headers:
        return f"opening: {opened.status_code}"
    sent = storage.target.web.put(opened.headers["location"], content=b"second")
    return f"opening: {opened.status_code}, last byte: {sent.status_code}"


def too_long(storage: Storage) -> str:
    """What a URL that is signed for more than seven days gets."""
    name = storage.name("too-long")
    storage.write(name, b"data")
    return shown(storage.target.web.get(storage.signed_url("GET", name, role="read", seconds=SEVEN_DAYS + 1)))


def content_type(storage: Storage) -> str:
    """Whether response-content-type wins over the type that the object has."""
    name = storage.name("content-type")
    storage.write(name, b"data", "video/mp4")
    url = storage.signed_url("GET", name, role="read", query={"response-content-type": "text/plain"})
    answer = storage.target.web.get(url)
    return f"{answer.status_code}, Content-Type: {answer.headers.get('content-type', '').partition(';')[0]}"


def cancelled(storage: Storage) -> str:
    """What a cancelled session answers to further requests."""
    session = storage.open_json(storage.name("cancelled")).headers["location"]
    gone = storage.target.web.delete(session, headers={"Content-Length": "0"})
    asked = storage.target.web.put(session, headers={"Content-Range": "bytes */10", "Content-Length": "0"})
    sent = storage.target.web.put(session, content=bytes(10))
    return f"DELETE: {gone.status_code}, status: {asked.status_code}, bytes: {sent.status_code}"


def marked(storage: Storage) -> str:
    """Whether a signed GET may have a parameter with a mark for the usage logs, and is refused when it is changed."""
    name = storage.name("marked")
    storage.write(name, b"0123456789")
    url = storage.signed_url("GET", name, role="read", query={PARAMETER: "free:live-check"})
    part = storage.target.web.get(url, headers={"Range": "bytes=2-4"})
    changed = storage.target.web.get(url.replace("live-check&", "live-chick&"))
    return f"a range: {part.status_code} {part.text if part.status_code == 206 else ''}, another mark: {shown(changed)}"


QUESTIONS: tuple[tuple[str, Callable[[Storage], str], str], ...] = (
    ("1. does a length range signed for the opening bind what is sent", length_range, "20 bytes against 1,10: 200"),
    ("2. more bytes than X-Upload-Content-Length", declared_length, "20 bytes against 10: 400, asked again: 410"),
    ("3. is create-only refused at the opening", create_only, "opening: 200, last byte: 412"),
    ("4. X-Goog-Expires over 604800", too_long, "400 MalformedSecurityHeader"),
    ("5. response-content-type against the stored type", content_type, "200, Content-Type: text/plain"),
    ("6. a cancelled session", cancelled, "DELETE: 499, status: 410, bytes: 410"),
    ("7. more bytes than the signed X-Upload-Content-Length", signed_length, "20 bytes against 10: 400, asked again: 410"),
    ("8. a mark for the usage logs in a signed URL", marked, "a range: 206 234, another mark: 403 SignatureDoesNotMatch"),
    (
        "9. may scripts of other sites read that a URL has expired or was changed",
        cors_of_errors,
        "preflight: yes, 400 ExpiredToken: yes, 403 SignatureDoesNotMatch: yes",
    ),
    (
        "10. are composed pieces of a video exactly their bytes",
        composed,
        "two pieces: 200 the same bytes, with a third: 200 the same bytes, over a seam: 206 the same bytes, video/mp4",
    ),
    (
        "11. is the Content-Type of a PUT to a session ignored",
        session_type,
        "opened by the server: 200, video/mp4, by the client: 200, video/mp4",
    ),
)


def ask_all(storage: Storage) -> None:
    """Ask every question that the credentials allow, and note the answers."""
    for question, ask, assumed in QUESTIONS:
        try:
            seen = ask(storage)
        except CannotAsk as why:
            storage.target.report.not_asked(AREA, question, str(why))
        except (httpx.HTTPError, KeyError) as error:  # no answer, or one without the session it should have brought
            storage.target.report.not_asked(AREA, question, f"no answer: {type(error).__name__}")
        else:
            storage.target.report.assumption(AREA, question, seen, assumed)
