"""The part of the IAM Credentials API's signBlob that a keyless signer needs.

Source: IAM documentation, "Method: projects.serviceAccounts.signBlob". The real service asks for a bearer token with
iam.serviceAccounts.signBlob on the account; the stand-in signs for every caller.
"""

import base64
import binascii
import re

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.target import decode
from localcloud.gcs.services import Services

PATH = re.compile(r"/v1/projects/[^/]+/serviceAccounts/([^/:]+):signBlob")


async def answer_iam(services: Services, call: Call) -> StreamResponse:
    """POST /v1/projects/-/serviceAccounts/EMAIL:signBlob {"payload": base64} -> {"keyId", "signedBlob"}"""
    match = PATH.fullmatch(call.target.raw_path.replace("%3A", ":"))
    if match is None:
        raise StorageError(Refusal.NO_SUCH_ROUTE)
    if call.method != "POST":
        raise StorageError(Refusal.METHOD_NOT_ALLOWED)
    document = await call.document()
    try:
        payload = base64.b64decode(document["payload"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, "payload must be base64.") from error
    signature = await services.signing_accounts.sign(decode(match[1]), payload)
    return json_answer({"keyId": signature.key_id, "signedBlob": base64.b64encode(signature.signed).decode()})
