"""The signer that the settings choose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelgate.adapters.google.access_tokens import AccessTokens
    from reelgate.adapters.google.connections import Connections
    from reelgate.config import Settings
    from reelgate.ports.signing import UrlSigner


def url_signer(config: Settings, *, tokens: AccessTokens, connections: Connections) -> UrlSigner:
    """Return the signer of path-style URLs under the deployment's storage endpoint.

    Raises ValueError for settings that cannot sign.
    """
    if config.signer == "iam":
        from reelgate.adapters.signing import iam_signer

        account = config.signer_account or ""
        client = iam_signer.connect(account, endpoint=config.iam_endpoint, tokens=tokens, connections=connections)
        return iam_signer.IamSigner(client, storage_url=config.storage_url, account=account)
    from reelgate.adapters.signing import key_signers

    if config.signer == "hmac":
        return key_signers.HmacSigner(
            storage_url=config.storage_url, access_id=config.hmac_access_id or "", secret=config.hmac_secret or ""
        )
    if config.signer == "key_file":
        return key_signers.KeyFileSigner.from_file(Path(config.signer_key_file or ""), storage_url=config.storage_url)
    raise ValueError(f"REELGATE_SIGNER is {config.signer}, and this function signs URLs: set iam, hmac or key_file")
