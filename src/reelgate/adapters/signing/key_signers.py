"""Signers that hold the key themselves: an HMAC key, or the RSA key from a key file."""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reelgate.adapters.signing import v4
from reelgate.ports.storage import UrlToSign

MAX_DAYS = 2
"""How many derived keys are kept: today's, and that of the day on which a window began that has not ended yet."""


def hmac_signing_key(secret: str, day: str) -> bytes:
    """Return the key of one day (`YYYYMMDD`), derived as Cloud Storage's "Signatures" says for GOOG4-HMAC-SHA256."""
    key = f"GOOG4{secret}".encode()
    for part in (day, v4.LOCATION, v4.SERVICE, v4.REQUEST_TYPE):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


class HmacSigner:
    """A `UrlSigner` with a service account's HMAC key. The derived key of a day is made once."""

    signs_locally = True

    def __init__(self, *, storage_url: str, access_id: str, secret: str) -> None:
        """Raises ValueError when the access id or the secret is missing, or the URL is not a storage endpoint."""
        if not access_id or not secret:
            raise ValueError("an HMAC key needs an access id and a secret")
        self._server = v4.storage_server(storage_url)
        self._signer = v4.Signer(v4.HMAC, access_id)
        self._secret = secret
        self._keyed: dict[str, hmac.HMAC] = {}  # by day: after midnight, streaming URLs are still dated the day before

    async def signed_url(self, to_sign: UrlToSign, *, now: datetime) -> str:
        """Return the URL. Raises ValueError for a request that may not be signed."""
        draft = v4.checked_draft(to_sign, now, signer=self._signer, server=self._server)
        keyed = self._keyed.get(draft.day)
        if keyed is None:
            keyed = hmac.new(hmac_signing_key(self._secret, draft.day), digestmod="sha256")
            self._keyed = dict([*self._keyed.items()][1 - MAX_DAYS :]) | {draft.day: keyed}
        mac = keyed.copy()
        mac.update(draft.string_to_sign.encode())
        return draft.signed(mac.hexdigest())

    def __repr__(self) -> str:
        return f"HmacSigner(access_id={self._signer.id!r})"


class KeyFileSigner:
    """A `UrlSigner` with a service account's RSA key.

    A signature takes about a millisecond of CPU and is made on the event loop: on one vCPU, a thread would cost more than it
    saves.
    """

    signs_locally = True

    def __init__(self, *, storage_url: str, account: str, private_key: RSAPrivateKey) -> None:
        """`account` is the service account's e-mail address."""
        self._server = v4.storage_server(storage_url)
        self._signer = v4.Signer(v4.RSA, account)
        self._private_key = private_key

    @classmethod
    def from_file(cls, path: Path, *, storage_url: str) -> KeyFileSigner:
        """Return the signer of a service-account key file (JSON).

        Raises ValueError when the file cannot be read or holds no such key. The error never quotes the file.
        """
        try:
            contents = json.loads(path.read_text(encoding="utf-8"))
            account, pem = contents["client_email"], contents["private_key"]
            private_key = load_pem_private_key(pem.encode(), password=None)
        except OSError as error:
            raise ValueError(f"the key file cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            # The cause is cut off: a JSON or PEM error may quote the key.
            raise ValueError("the key file is not a service-account key (JSON with client_email and private_key)") from None
        if not isinstance(private_key, RSAPrivateKey) or not isinstance(account, str):
            raise ValueError("the key file does not hold an RSA key and an e-mail address")
        return cls(storage_url=storage_url, account=account, private_key=private_key)

    async def signed_url(self, to_sign: UrlToSign, *, now: datetime) -> str:
        """Return the URL. Raises ValueError for a request that may not be signed."""
        draft = v4.checked_draft(to_sign, now, signer=self._signer, server=self._server)
        return draft.signed(self._private_key.sign(draft.string_to_sign.encode(), PKCS1v15(), SHA256()).hex())

    def __repr__(self) -> str:
        return f"KeyFileSigner(account={self._signer.id!r})"
