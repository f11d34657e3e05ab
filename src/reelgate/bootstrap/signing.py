"""The signer that the settings choose."""

from __future__ import annotations

from reelgate.config import Settings
from reelgate.ports import UrlSigner


def url_signer(config: Settings) -> UrlSigner:
    """Return the signer. Raises ValueError for one that cannot sign."""
    from reelgate.adapters.signing import v4_signer  # noqa: PLC0415

    return v4_signer.url_signer(
        config.signer,
        storage_endpoint=config.storage_url,
        account=config.signer_account or "",
        iam_endpoint=config.iam_endpoint,
        hmac_access_id=config.hmac_access_id or "",
        hmac_secret=config.hmac_secret or "",
        key_file=config.signer_key_file or "",
    )
