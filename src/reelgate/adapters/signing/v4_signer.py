"""Which signer a deployment uses. Each loads only what its own way of signing needs."""

from __future__ import annotations

from pathlib import Path

from reelgate.adapters.signing.v4_endpoint import Endpoint
from reelgate.ports import UrlSigner

STORAGE_ENDPOINT = "https://storage.googleapis.com"
IAM_ENDPOINT = "https://iamcredentials.googleapis.com"


def url_signer(
    kind: str,
    *,
    storage_endpoint: str = STORAGE_ENDPOINT,
    account: str = "",
    iam_endpoint: str = IAM_ENDPOINT,
    hmac_access_id: str = "",
    hmac_secret: str = "",
    key_file: str = "",
) -> UrlSigner:
    """Return the signer that `kind` names: `hmac`, `iam` or `key_file`. URLs are path-style under `storage_endpoint`.

    Raises:
        ValueError: an unknown kind, or what that kind needs is missing or wrong.
    """
    endpoint = Endpoint(storage_endpoint)
    if kind == "hmac":
        from reelgate.adapters.signing.hmac_signer import HmacSigner  # noqa: PLC0415 (see the module's docstring)

        return HmacSigner(endpoint=endpoint, access_id=hmac_access_id, secret=hmac_secret)
    if kind == "iam":
        from reelgate.adapters.signing.iam_signer import IamSigner  # noqa: PLC0415

        return IamSigner(endpoint=endpoint, account=account, iam_endpoint=iam_endpoint)
    if kind == "key_file":
        from reelgate.adapters.signing.key_file_signer import KeyFileSigner  # noqa: PLC0415

        return KeyFileSigner.from_file(Path(key_file), endpoint=endpoint)
    raise ValueError(f"a signer is hmac, iam or key_file, not {kind!r}, and this function signs URLs")
