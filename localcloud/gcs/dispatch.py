"""Answers a raw request: chooses the API, applies faults and CORS, and formats errors."""

import logging
from typing import Any

from aiohttp import web

from localcloud.gcs.admin.routes import PREFIX as ADMIN_PREFIX
from localcloud.gcs.admin.routes import answer_admin
from localcloud.gcs.admin.sign_blob import answer_iam
from localcloud.gcs.errors import ClientGoneError, NotModifiedError, Refusal, StorageError
from localcloud.gcs.http import cors
from localcloud.gcs.http.answers import empty_answer, json_error, xml_error
from localcloud.gcs.http.call import Call
from localcloud.gcs.json_api.batch import answer_batch
from localcloud.gcs.json_api.routes import answer_json, is_json_api
from localcloud.gcs.services import Services
from localcloud.gcs.v4.verifier import utc_now
from localcloud.gcs.xml_api.resource import addressed, bucket_of_host
from localcloud.gcs.xml_api.routes import answer_xml

IAM_PREFIX = "/v1/projects/"
CLIENT_CLOSED_REQUEST = 499

_log = logging.getLogger(__name__)


class Dispatcher:
    """The request handler of the server."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. It raises nothing: every error becomes an answer in the API's own format."""
        began, call = utc_now(), Call.from_request(request)
        answer = await self.answer(call)
        if not call.target.raw_path.startswith((ADMIN_PREFIX, IAM_PREFIX)):
            self._services.usage_rows.watch(request, call, answer, began)
        return answer

    async def answer(self, call: Call) -> web.StreamResponse:
        """Answer a request that has been read."""
        plain_json = call.target.raw_path.startswith((ADMIN_PREFIX, IAM_PREFIX))
        in_json = plain_json or (is_json_api(call.target.raw_path) and bucket_of_host(call, self._services.buckets) is None)
        try:
            answer = await self._answer(call, in_json)
        except StorageError as error:
            answer = json_error(error) if in_json else xml_error(error)
        except NotModifiedError as unchanged:
            answer = empty_answer(304, unchanged.headers)
        except ClientGoneError:
            answer = empty_answer(CLIENT_CLOSED_REQUEST)
        except Exception:
            _log.exception("%s %s failed", call.method, call.target.raw_path)
            failure = StorageError(Refusal.INTERNAL)
            answer = json_error(failure) if in_json else xml_error(failure)
        if not plain_json:
            answer.headers.update(self._cors_headers(call, in_json))
        if call.body.withheld:
            # The client may or may not send the body now; only a new connection separates it from the next request.
            answer.force_close()
        # Only the path: queries carry signatures and session ids.
        _log.info("%s %s %d", call.method, call.target.raw_path, answer.status)
        return answer

    async def _answer(self, call: Call, in_json: bool) -> web.StreamResponse:
        path = call.target.raw_path
        if path.startswith(ADMIN_PREFIX):
            return await answer_admin(self._services, call)
        await self._services.faults.inject(call)
        if path.startswith(IAM_PREFIX):
            return await answer_iam(self._services, call)
        if call.method == "OPTIONS":
            return empty_answer(200)
        if in_json and (path == "/batch" or path.startswith("/batch/")):
            return await answer_batch(self._services, call)
        return await (answer_json if in_json else answer_xml)(self._services, call)

    def _cors_headers(self, call: Call, in_json: bool) -> dict[str, str]:
        if "Origin" not in call.headers:
            return {}
        if "upload_id" in call.query:
            session = self._services.sessions.find(call.query["upload_id"])
            remembered = session.terms.origin if session is not None else None
            # A JSON session allows only the origin that opened it; an XML session also follows the bucket's CORS rules.
            if (in_json or remembered is not None) and remembered != call.headers["Origin"]:
                return {}
        preflight = call.method == "OPTIONS"
        if in_json:
            return cors.json_preflight(call.headers) if preflight else cors.json_answer_headers(call.headers)
        entries = self._bucket_cors(call)
        if preflight:
            return cors.bucket_preflight(entries, call.headers)
        return cors.bucket_answer(entries, call.headers, call.method)

    def _bucket_cors(self, call: Call) -> list[dict[str, Any]]:
        try:
            bucket = self._services.buckets.find(addressed(call, self._services.buckets).bucket)
        except StorageError:
            return []
        return list((bucket or {}).get("cors", []))
