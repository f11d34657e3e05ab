"""One request of a browser for the console: its route is found and its handler called, and nothing else is asked.

The function that does this may read no record and tell nobody anything: `web/http/function.py`, which finds callers, counts
requests and publishes audit events, is for the API.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reelgate.ports.identity import ANONYMOUS
from reelgate.web.http.answers import cors
from reelgate.web.http.calls import Call, Routes
from reelgate.web.http.function import allowed_methods, find_route, guarded
from reelgate.web.http.logs import request_log


async def serve[S](request: Request, routes: Routes[S], services: S) -> Response:
    """Answer a request for one of the routes, all of which are public. Never raises, as `answer` of the API does not.

    Pages of other origins have no business here: no answer lets them read it.
    """
    path = request.scope["path"]
    if request.method == "OPTIONS" and (allow := allowed_methods(routes, path)):
        return cors.preflight(request, (), allow=allow)

    async def handle(request_id: str) -> Response:
        route, params = find_route(routes, request.method, path)
        request_log.know(route=route.path, params=params)
        call = Call(route=route, services=services, request=request, caller=ANONYMOUS, params=params, request_id=request_id)
        return await route.handler(call)

    return await guarded(request, handle)
