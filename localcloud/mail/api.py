"""The HTTP interface: received mails and webhooks, injected faults, and the webhook receiver."""

import json
from typing import Any

from aiohttp import web

from localcloud.mail.mailbox import Fault, InvalidFault, Mailbox
from localcloud.mail.signatures import verified

MAX_WEBHOOK_BYTES = 1024 * 1024


def mail_application(mails: Mailbox, webhooks: Mailbox, secret: str) -> web.Application:
    """Return the application. `secret` is the local cloud's secret for signing webhooks."""
    receiver = _Receiver(webhooks, secret)
    application = web.Application(client_max_size=MAX_WEBHOOK_BYTES)
    application.add_routes(
        [
            web.get("/_emulator/health", _health),
            *_routes_of("mails", mails),
            web.get("/_emulator/webhooks/secret", receiver.show_secret),
            *_routes_of("webhooks", webhooks),
            web.post("/_emulator/webhooks/{name}", receiver.receive),
        ]
    )
    return application


def _routes_of(kind: str, mailbox: Mailbox) -> list[web.RouteDef]:
    views = _Views(mailbox)
    return [
        web.get(f"/_emulator/{kind}", views.list),
        web.delete(f"/_emulator/{kind}", views.forget),
        web.get(f"/_emulator/{kind}/faults", views.get_fault),
        web.put(f"/_emulator/{kind}/faults", views.put_fault),
        web.delete(f"/_emulator/{kind}/faults", views.delete_fault),
    ]


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


class _Views:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def list(self, request: web.Request) -> web.Response:
        """Return everything, oldest first; `?to=` (mails) and `?name=` (webhooks) narrow it."""
        items: list[dict[str, Any]] = list(self._mailbox.items)
        if to := request.query.get("to"):
            items = [item for item in items if to in item.get("to", ())]
        if name := request.query.get("name"):
            items = [item for item in items if item.get("name") == name]
        return web.json_response(items)

    async def forget(self, _: web.Request) -> web.Response:
        self._mailbox.items.clear()
        return web.json_response([])

    async def get_fault(self, _: web.Request) -> web.Response:
        return web.json_response(self._mailbox.fault.to_json())

    async def put_fault(self, request: web.Request) -> web.Response:
        try:
            self._mailbox.fault = Fault.from_json(json.loads(await request.read()))
        except (InvalidFault, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._mailbox.fault.to_json())

    async def delete_fault(self, _: web.Request) -> web.Response:
        self._mailbox.fault = Fault(times=0)
        return web.json_response(self._mailbox.fault.to_json())


class _Receiver:
    def __init__(self, webhooks: Mailbox, secret: str) -> None:
        self._webhooks = webhooks
        self._secret = secret

    async def show_secret(self, _: web.Request) -> web.Response:
        """Return the local signing secret, for consumers on this machine."""
        return web.json_response({"secret": self._secret})

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Store a webhook, with the answer sent and whether its signature is valid."""
        name, body = request.match_info["name"], await request.read()
        fault = self._webhooks.inject(name=name)
        status = 204 if fault is None else fault.status
        headers = {key.lower(): value for key, value in request.headers.items()}
        self._webhooks.add(
            {
                "name": name,
                "headers": headers,
                "body": body.decode(errors="replace"),
                "verified": verified(headers, body, self._secret),
                "answered": status,
            }
        )
        if status == 0 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status or 500)
