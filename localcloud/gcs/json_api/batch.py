"""JSON API: several small requests in one (multipart/mixed of application/http parts)."""

import secrets
from email.message import Message
from email.parser import BytesParser

from aiohttp import web
from multidict import CIMultiDict

from localcloud.gcs.errors import NotModifiedError, Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_error
from localcloud.gcs.http.call import Body, Call
from localcloud.gcs.http.target import Target
from localcloud.gcs.json_api.routes import answer_json
from localcloud.gcs.services import Services

BATCH_LIMIT = 1000


async def answer_batch(services: Services, call: Call) -> web.StreamResponse:
    """POST /batch/storage/v1: the calls are answered one after the other, each with its own status."""
    head = f"Content-Type: {call.headers.get('Content-Type', '')}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + await call.body.read())
    payload = message.get_payload()
    parts = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    if not 1 <= len(parts) <= BATCH_LIMIT:
        raise StorageError(Refusal.INVALID_ARGUMENT, f"A batch is multipart/mixed of at most {BATCH_LIMIT} requests.")
    boundary = f"batch_{secrets.token_hex(12)}"
    body = b""
    for part in parts:
        answer = await _answer_part(services, _read_part(part, call.host))
        content_id = (part.get("Content-ID") or "").strip("<>")
        body += f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n".encode()
        body += _http_text(answer)
    body += f"--{boundary}--\r\n".encode()
    return web.Response(body=body, headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _read_part(part: Message, host: str) -> Call:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    request_line, _, rest = raw.lstrip().partition(b"\n")
    words = request_line.decode("latin-1").split()
    if len(words) < 2:
        raise StorageError(Refusal.INVALID_ARGUMENT, "A part of the batch is not an HTTP request.")
    inner = BytesParser().parsebytes(rest)
    headers = CIMultiDict((name, str(value)) for name, value in inner.items())
    headers["Host"] = host
    content = inner.get_payload(decode=True)
    return Call(words[0], Target.parse(words[1]), headers, Body(None, content if isinstance(content, bytes) else b""))


async def _answer_part(services: Services, call: Call) -> web.Response:
    try:
        answer = await answer_json(services, call)
    except StorageError as error:
        return json_error(error)
    except NotModifiedError as unchanged:
        return empty_answer(304, unchanged.headers)
    if isinstance(answer, web.Response):
        return answer
    raise StorageError(Refusal.INVALID_ARGUMENT, "Uploads and downloads cannot be part of a batch.")


def _http_text(answer: web.Response) -> bytes:
    body = answer.body if isinstance(answer.body, bytes) else b""
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() != "content-length"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"\r\n"
