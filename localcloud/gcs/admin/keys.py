"""Signing keys and permissions at run time."""

from typing import Any

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.services import Services
from localcloud.gcs.store.keyring import KeyStore
from localcloud.gcs.v4.keys import HmacKey


async def list_all(services: Services, call: Call) -> StreamResponse:
    """GET /_emulator/keys: everything but the secrets."""
    return json_answer(services.keys.listing())


async def put_hmac(services: Services, call: Call) -> StreamResponse:
    """PUT /_emulator/keys/hmac"""
    register_hmac(services.keys, await call.document())
    return empty_answer(204)


async def delete_hmac(services: Services, call: Call, access_id: str) -> StreamResponse:
    """DELETE /_emulator/keys/hmac/ACCESS_ID"""
    return _deleted(services.keys.delete_hmac(access_id))


async def put_rsa(services: Services, call: Call) -> StreamResponse:
    """PUT /_emulator/keys/rsa"""
    register_rsa(services.keys, await call.document())
    return empty_answer(204)


async def delete_rsa(services: Services, call: Call, service_account: str) -> StreamResponse:
    """DELETE /_emulator/keys/rsa/EMAIL"""
    return _deleted(services.keys.delete_rsa(service_account))


async def grant(services: Services, call: Call, service_account: str) -> StreamResponse:
    """PUT /_emulator/accounts/EMAIL/permission: give back what was withdrawn."""
    services.keys.set_permission(service_account, granted=True)
    return empty_answer(204)


async def withdraw(services: Services, call: Call, service_account: str) -> StreamResponse:
    """DELETE /_emulator/accounts/EMAIL/permission: valid signatures of the account now answer 403 AccessDenied."""
    services.keys.set_permission(service_account, granted=False)
    return empty_answer(204)


def register_hmac(keys: KeyStore, document: dict[str, Any]) -> None:
    """Register {access_id, secret, service_account}. Raises StorageError (400) naming what is missing."""
    keys.put_hmac(HmacKey(*(_text(document, name) for name in ("access_id", "secret", "service_account"))))


def register_rsa(keys: KeyStore, document: dict[str, Any]) -> None:
    """Register {service_account, public_key_pem}. Raises StorageError (400) if it is not an RSA public key."""
    try:
        keys.put_rsa(_text(document, "service_account"), _text(document, "public_key_pem"))
    except ValueError as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, f"public_key_pem: {error}") from error


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise StorageError(Refusal.REQUIRED, f"Required: {name}")
    return value


def _deleted(existed: bool) -> StreamResponse:
    if not existed:
        raise StorageError(Refusal.NO_SUCH_ROUTE, "No such key.")
    return empty_answer(204)
