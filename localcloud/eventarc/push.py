"""One attempt to deliver an event; its success is decided as Pub/Sub does for a push."""

import aiohttp

from localcloud.auth.placeholder_token import TokenCache
from localcloud.eventarc.events import request_body, request_headers
from localcloud.eventarc.settings import Trigger
from localcloud.eventarc.store import Delivery

# "Push subscriptions", Pub/Sub documentation: these acknowledge, everything else (203, 206, redirects too) does not. 102 is
# in Google's list as well, but in HTTP/1.1 it is only an interim answer: the final one after it decides.
ACKNOWLEDGING = frozenset((102, 200, 201, 202, 204))
TRIGGER_ACCOUNT = "eventarc@demo-reelgate.iam.gserviceaccount.com"
_USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"
_IDLE_CONNECTION_SECONDS = 1.0  # below the 2 seconds after which a function's gunicorn closes


class Pusher:
    """Sends deliveries with a shared connection pool. Use as an async context manager."""

    def __init__(self, ack_deadline_seconds: float) -> None:
        self._ack_deadline_seconds = ack_deadline_seconds
        self._tokens = TokenCache(TRIGGER_ACCOUNT)

    async def __aenter__(self) -> "Pusher":
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_CONNECTION_SECONDS),
            timeout=aiohttp.ClientTimeout(total=self._ack_deadline_seconds),
            headers={"User-Agent": _USER_AGENT},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def push(self, trigger: Trigger, delivery: Delivery) -> str:
        """Deliver once. Returns "" when the target acknowledged, else a short reason (never a body)."""
        headers = request_headers(delivery.event, delivery.ce_id)
        headers["Authorization"] = f"Bearer {self._tokens.token_for(trigger.url)}"
        body = request_body(delivery.event)
        try:
            async with self._http.post(trigger.url, headers=headers, data=body, allow_redirects=False) as answer:
                await answer.read()
        except TimeoutError:
            return f"no answer within {self._ack_deadline_seconds:g} seconds"
        except (aiohttp.ClientError, OSError) as error:
            return f"{type(error).__name__}: {error}"
        return "" if answer.status in ACKNOWLEDGING else f"HTTP {answer.status}"
