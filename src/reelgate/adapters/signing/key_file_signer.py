"""Signs URLs with the private key of a service-account key file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reelgate.adapters.signing.v4_draft import RSA, Drafter
from reelgate.adapters.signing.v4_endpoint import Endpoint
from reelgate.ports import UrlToSign


class KeyFileSigner:
    """A `UrlSigner` with a service account's RSA key.

    A signature costs about a millisecond of CPU, so it is made on the event loop: handing it to a thread would cost more
    than it frees on one vCPU.
    """

    def __init__(self, *, endpoint: Endpoint, account: str, private_key: RSAPrivateKey) -> None:
        """`account` is the service account's e-mail address."""
        self._account = account
        self._private_key = private_key
        self._drafter = Drafter(endpoint=endpoint, algorithm=RSA, signer_id=account)

    @classmethod
    def from_file(cls, path: Path, *, endpoint: Endpoint) -> KeyFileSigner:
        """Return the signer of a service-account key file (JSON).

        Raises ValueError, without any of its contents, when the file cannot be read or holds no such key.
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
        return cls(endpoint=endpoint, account=account, private_key=private_key)

    async def signed_url(self, wanted: UrlToSign, *, now: datetime) -> str:
        """Return the URL. Raises ValueError for a request that may not be signed."""
        draft = self._drafter.draft(wanted, now)
        return draft.signed(self._private_key.sign(draft.string_to_sign.encode(), PKCS1v15(), SHA256()).hex())

    def __repr__(self) -> str:
        return f"KeyFileSigner(account={self._account!r})"
