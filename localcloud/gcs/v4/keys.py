"""The keys that signatures are checked with, and their owners."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from localcloud.gcs.v4.parameters import SignatureParameters


@dataclass(frozen=True)
class HmacKey:
    """An HMAC key of a service account."""

    access_id: str
    secret: str
    service_account: str

    def __repr__(self) -> str:
        return f"HmacKey({self.access_id}, secret=[redacted])"


class KeyRing:
    """All registered keys. Lookups see added and removed keys at once."""

    def __init__(self) -> None:
        self.hmac_keys: dict[str, HmacKey] = {}
        self.rsa_keys: dict[str, dict[str, rsa.RSAPublicKey]] = {}
        self.withdrawn: set[str] = set()

    def add_rsa(self, service_account: str, pem: str) -> None:
        """Accept one more public key of an account. Raises ValueError if `pem` holds no RSA public key."""
        self.rsa_keys.setdefault(service_account, {})[pem] = read_public_key(pem)

    def account_of(self, parameters: SignatureParameters) -> str:
        """Return the service account that the signer's key belongs to (itself for RSA)."""
        key = self.hmac_keys.get(parameters.signer)
        return key.service_account if key is not None else parameters.signer

    def accepts(self, parameters: SignatureParameters, text: str) -> bool:
        """Return whether the signature over `text` was made with a registered key of the claimed signer."""
        if parameters.algorithm.endswith("-RSA-SHA256"):
            return self._accepts_rsa(parameters, text)
        key = self.hmac_keys.get(parameters.signer)
        if key is None:
            return False
        expected = hmac.new(_signing_key(key.secret, parameters), text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), parameters.signature.encode())

    def _accepts_rsa(self, parameters: SignatureParameters, text: str) -> bool:
        try:
            signature = bytes.fromhex(parameters.signature)
        except ValueError:
            return False
        for key in self.rsa_keys.get(parameters.signer, {}).values():
            try:
                key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
            except InvalidSignature:
                continue
            return True
        return False


def read_public_key(pem: str) -> rsa.RSAPublicKey:
    """Return the RSA public key in a PEM public key or certificate. Raises ValueError for anything else."""
    raw = pem.encode()
    key = load_pem_x509_certificate(raw).public_key() if b"CERTIFICATE" in raw else load_pem_public_key(raw)
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA public key")
    return key


def _signing_key(secret: str, parameters: SignatureParameters) -> bytes:
    spelling = parameters.spelling
    return derived_key(spelling.key_prefix + secret, parameters.day, parameters.location, spelling.service, spelling.terminator)


@lru_cache(maxsize=256)
def derived_key(prefixed_secret: str, *scope: str) -> bytes:
    """Return the key of one credential scope: HMAC over day, location, service and terminator in turn."""
    key = prefixed_secret.encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
