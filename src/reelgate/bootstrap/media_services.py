"""The part of `CloudServices` about files."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reelgate.bootstrap.base_services import BaseServices

if TYPE_CHECKING:
    from reelgate.adapters.google.access_tokens import AccessTokens
    from reelgate.adapters.google.connections import Connections
    from reelgate.config import Settings
    from reelgate.domain.media.conversion import ConversionRules
    from reelgate.ports.media import DerivedMediaRecords, DerivedObjects, MediaConverter
    from reelgate.ports.personal_data import PersonalObjects
    from reelgate.ports.playback import SegmentIndexes
    from reelgate.ports.storage import MediaRanges, MediaStore, UrlSigner


class MediaServices(BaseServices):
    """Both buckets, the URLs to them, and conversion."""

    @property
    def bucket(self) -> str:
        """The bucket with the videos."""
        return self._config.media_bucket

    @property
    def storage_url(self) -> str:
        """The scheme and host at which clients reach Cloud Storage."""
        return self._config.storage_url

    @cached_property
    def media(self) -> MediaStore:
        """The bucket with the videos."""
        from reelgate.adapters.storage.gcs_media import connect

        config = self._config
        return connect(
            config.project,
            config.media_bucket,
            storage_url=config.storage_url,
            tokens=None if config.storage_emulator else self._access_tokens,
            connections=self._connections,
        )

    @cached_property
    def signer(self) -> UrlSigner:
        """The signer that REELGATE_SIGNER chooses."""
        return url_signer(self._config, tokens=self._access_tokens, connections=self._connections)

    @cached_property
    def personal_objects(self) -> PersonalObjects:
        """The users' objects in both buckets, to be removed."""
        from reelgate.adapters.storage.gcs_personal_objects import connect

        config = self._config
        return connect(config.project, media_bucket=config.media_bucket, derived_bucket=self.derived_bucket)

    @property
    def conversion(self) -> ConversionRules:
        """The rules of conversion."""
        return self._config.conversion.rules

    @property
    def derived_bucket(self) -> str:
        """The bucket with derived media."""
        return self._config.conversion.derived_bucket

    @cached_property
    def segment_indexes(self) -> SegmentIndexes:
        """The indexes of packaged videos in the bucket of derived media."""
        from reelgate.adapters.google.rest import GoogleRest
        from reelgate.adapters.playback.bucket_indexes import BucketIndexes

        tokens = None if self._config.storage_emulator else self._access_tokens
        rest = GoogleRest(
            self._config.storage_url,
            token=tokens.current if tokens else None,
            forget_token=tokens.forget if tokens else lambda _: None,
            connections=self._connections,
        )
        return BucketIndexes(rest, self.derived_bucket)

    @cached_property
    def derived_objects(self) -> DerivedObjects:
        """The bucket with derived media."""
        from reelgate.adapters.storage.gcs_derived import connect

        return connect(self._config.project, self.derived_bucket)

    @cached_property
    def derived_media(self) -> DerivedMediaRecords:
        """The records of derived media, in their own database in Firestore."""
        from reelgate.adapters.records.derived_media import DerivedMediaDocuments

        return DerivedMediaDocuments(self._media_documents)

    @cached_property
    def media_ranges(self) -> MediaRanges:
        """Parts of videos in the bucket."""
        from reelgate.adapters.storage.gcs_derived import connect_ranges

        return connect_ranges(self._config.project, self._config.media_bucket)

    @cached_property
    def converter(self) -> MediaConverter:
        """FFmpeg, in processes of its own."""
        from reelgate.adapters.pyav.process.confinement import hide_memory
        from reelgate.adapters.pyav.process.process import PyavConverter

        hide_memory()  # its processes have the same user, unless this one is root
        return PyavConverter(poster_bytes=self.conversion.poster_bytes)


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
