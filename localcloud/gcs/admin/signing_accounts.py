"""Service accounts that the IAM Credentials stand-in signs for: one RSA key each, created on first use and stored."""

import asyncio
import hashlib
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from localcloud.gcs.store.database import Database
from localcloud.gcs.store.keyring import KeyStore

KEY_BITS = 2048


class Signature(NamedTuple):
    """The answer of signBlob."""

    key_id: str
    signed: bytes


class SigningAccounts:
    """Private keys by account; their public halves are registered with the verifier."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database = database
        self._keys = keys
        self._loaded: dict[str, rsa.RSAPrivateKey] = {}
        self._making = asyncio.Lock()

    async def sign(self, service_account: str, payload: bytes) -> Signature:
        """Return the RSA PKCS#1 v1.5 signature over SHA-256 of `payload`, with the account's key."""
        key = await self._key_of(service_account)
        signed = await asyncio.to_thread(key.sign, payload, padding.PKCS1v15(), hashes.SHA256())
        return Signature(hashlib.sha1(_public_pem(key).encode(), usedforsecurity=False).hexdigest(), signed)

    async def _key_of(self, service_account: str) -> rsa.RSAPrivateKey:
        async with self._making:
            if service_account not in self._loaded:
                self._loaded[service_account] = self._stored(service_account) or await self._make(service_account)
            return self._loaded[service_account]

    def _stored(self, service_account: str) -> rsa.RSAPrivateKey | None:
        row = self._database.one("SELECT * FROM signing_accounts WHERE service_account = ?", (service_account,))
        if row is None:
            return None
        key = serialization.load_pem_private_key(row["private_key_pem"].encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"the stored key of {service_account} is not an RSA key")
        return key

    async def _make(self, service_account: str) -> rsa.RSAPrivateKey:
        key = await asyncio.to_thread(rsa.generate_private_key, 65537, KEY_BITS)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        with self._database.transaction():
            self._database.execute("INSERT INTO signing_accounts VALUES (?, ?)", (service_account, pem))
            self._keys.put_rsa(service_account, _public_pem(key))
        return key


def _public_pem(key: rsa.RSAPrivateKey) -> str:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
