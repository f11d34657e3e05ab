"""The emulator's own API, /_emulator/...: health, keys, permissions, faults, sessions, events."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from aiohttp.web import StreamResponse

from localcloud.gcs.admin import faults, keys, state
from localcloud.gcs.admin.usage_logs import routes as usage_logs
from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.services import Services

Handler = Callable[..., Awaitable[StreamResponse]]

PREFIX = "/_emulator/"
TABLE: list[tuple[str, dict[str, Handler]]] = [
    ("health", {"GET": state.health}),
    ("events", {"GET": state.events}),
    ("sessions", {"GET": state.sessions}),
    ("keys", {"GET": keys.list_all}),
    ("keys/hmac", {"PUT": keys.put_hmac, "GET": keys.list_all}),
    ("keys/hmac/([^/]+)", {"DELETE": keys.delete_hmac}),
    ("keys/rsa", {"PUT": keys.put_rsa, "GET": keys.list_all}),
    ("keys/rsa/([^/]+)", {"DELETE": keys.delete_rsa}),
    ("accounts/([^/]+)/permission", {"PUT": keys.grant, "DELETE": keys.withdraw}),
    ("usage-logs", {"GET": usage_logs.show}),
    ("usage-logs/flush", {"POST": usage_logs.flush}),
    ("faults", {"GET": faults.get, "PUT": faults.put, "DELETE": faults.delete}),
]
ROUTES = [(re.compile(PREFIX + pattern), handlers) for pattern, handlers in TABLE]


async def answer_admin(services: Services, call: Call) -> StreamResponse:
    """Answer a request to /_emulator/. Raises StorageError: 404 and 405, or what the handler refuses."""
    for pattern, handlers in ROUTES:
        match = pattern.fullmatch(call.target.raw_path)
        if match is None:
            continue
        if call.method not in handlers:
            raise StorageError(Refusal.METHOD_NOT_ALLOWED)
        return await handlers[call.method](services, call, *map(unquote, match.groups()))
    raise StorageError(Refusal.NO_SUCH_ROUTE)
