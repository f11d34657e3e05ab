"""What both suites make before every test and the emulator does not offer: a notification and an HMAC key.

They are answered here so that the tests of buckets and objects can run at all. Tests of these resources are left out of
the counts, for they would only test this file.
"""

import re
import secrets
from typing import Any

from aiohttp import web

from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call
from tests.conformance_suites.methods import full_path

NOTIFICATION = re.compile(r"/storage/v1/b/([^/]+)/notificationConfigs(?:/([^/]+))?")
HMAC_KEY = re.compile(r"/storage/v1/projects/([^/]+)/hmacKeys(?:/([^/]+))?")


class StandIns:
    """Made, shown, changed and deleted; without any effect."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, Any]] = {}

    async def answer(self, call: Call) -> web.StreamResponse | None:
        """Answer a request to one of the two, None for everything else."""
        path = full_path(call.target.raw_path)
        if found := NOTIFICATION.fullmatch(path):
            return await self._answer(call, found[2], "storage#notification", {"id": secrets.token_hex(4)})
        if found := HMAC_KEY.fullmatch(path):
            access_id = secrets.token_hex(12).upper()
            key = {"id": access_id, "accessId": access_id, "projectId": found[1], "state": "ACTIVE"}
            return await self._answer(call, found[2], "storage#hmacKeyMetadata", key)
        return None

    async def _answer(self, call: Call, wanted: str | None, kind: str, fresh: dict[str, Any]) -> web.StreamResponse:
        if wanted is None and call.method == "POST":
            made = {"kind": kind, "etag": "CAE=", **fresh, **await call.document()}
            if "accessId" in made:
                made["serviceAccountEmail"] = call.query.get("serviceAccountEmail", "")
            self._made[made["id"]] = made
            return json_answer({"metadata": made, "secret": "c2VjcmV0"} if "accessId" in made else made)
        if wanted is None:
            items = [made for made in self._made.values() if made["kind"] == kind]
            return json_answer({"kind": f"{kind}s", "items": items})
        if wanted not in self._made:
            return json_answer({"error": {"code": 404, "message": "Not Found"}}, 404)
        if call.method == "DELETE":
            del self._made[wanted]
            return empty_answer(204)
        if call.method != "GET":
            self._made[wanted] |= await call.document()
        return json_answer(self._made[wanted])
