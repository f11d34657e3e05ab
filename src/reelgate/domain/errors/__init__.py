"""Everything that can go wrong, as domain errors.

    ReelgateError
    ├── Unauthorized                the caller did not prove who they are
    │   └── InvalidCredentials      e-mail address or user name and password do not belong together
    │       └── LoginFailed         the same, and the attempt was counted by the rate limits
    ├── Forbidden                   the caller is known, but their role does not allow this
    │   ├── AccountDisabled
    │   └── RegistrationClosed
    ├── InvalidRequest              a field is missing or invalid; names the field
    │   └── WeakPassword
    ├── TooLarge                    more bytes than this deployment accepts in one file or body
    ├── UnsupportedType             a content type this deployment does not store
    ├── LimitExceeded               a storage or daily limit would be exceeded; carries the numbers
    │   ├── StorageLimitExceeded
    │   └── BandwidthLimitExceeded
    ├── TooManyOpenUploads          finish or cancel some first
    ├── TooManyAttempts             wait; says how long
    ├── NotFound                    it does not exist, or this caller may not see it
    │   ├── FileNotFound
    │   ├── UploadNotFound
    │   ├── UserStorageNotFound
    │   ├── UserNotFound
    │   └── DeliveryNotFound
    ├── Conflict                    the current state does not allow it
    │   ├── NameTaken
    │   ├── UploadFinished
    │   ├── UploadIsChunked         it takes chunks, not one session
    │   ├── UploadSealed            it is being completed and takes no more chunks
    │   ├── ChunkDiffers            a chunk, or the joined file, differs from what was sent or announced before
    │   ├── ChunksMissing           some chunks were not received; names them
    │   ├── ChunksLeftOver          more chunks were received than announced; names them
    │   ├── IdempotencyMismatch
    │   ├── AudioNotReady           the MP3 is not finished, or was not requested
    │   ├── AudioImpossible         there will never be an MP3 of this file
    │   ├── EmailTaken
    │   ├── UsernameTaken
    │   ├── OwnAccount              admins cannot remove their own rights
    │   ├── ForeignUser             only the user's own issuer can change that
    │   ├── DeliveryBusy            it is being sent at this moment
    │   └── ChannelGone             the deployment no longer has this channel
    └── Unavailable                 could not be done now; try again
        ├── BooksBusy           other requests kept changing the same account; nothing was written
        └── BooksSlow           the store did not answer in time; the outcome is unknown

Which HTTP status each one becomes is decided in one place, `reelgate.web.http.problems`.
"""

from reelgate.domain.errors.base import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    ReelgateError,
    Unauthorized,
    Unavailable,
)
from reelgate.domain.errors.files import (
    AudioImpossible,
    AudioNotReady,
    ChunkDiffers,
    ChunksLeftOver,
    ChunksMissing,
    FileNotFound,
    IdempotencyMismatch,
    NameTaken,
    UploadFinished,
    UploadIsChunked,
    UploadNotFound,
    UploadSealed,
    UserStorageNotFound,
)
from reelgate.domain.errors.limits import (
    BandwidthLimitExceeded,
    BooksBusy,
    BooksSlow,
    LimitExceeded,
    StorageLimitExceeded,
    TooLarge,
    TooManyOpenUploads,
    Traffic,
    UnsupportedType,
)
from reelgate.domain.errors.people import (
    AccountDisabled,
    ChannelGone,
    DeliveryBusy,
    DeliveryNotFound,
    EmailTaken,
    ForeignUser,
    InvalidCredentials,
    LoginFailed,
    OwnAccount,
    RegistrationClosed,
    TooManyAttempts,
    UsernameTaken,
    UserNotFound,
    WeakPassword,
)

__all__ = [
    "AccountDisabled",
    "AudioImpossible",
    "AudioNotReady",
    "BandwidthLimitExceeded",
    "BooksBusy",
    "BooksSlow",
    "ChannelGone",
    "ChunkDiffers",
    "ChunksLeftOver",
    "ChunksMissing",
    "Conflict",
    "DeliveryBusy",
    "DeliveryNotFound",
    "EmailTaken",
    "FileNotFound",
    "Forbidden",
    "ForeignUser",
    "IdempotencyMismatch",
    "InvalidCredentials",
    "InvalidRequest",
    "LimitExceeded",
    "LoginFailed",
    "NameTaken",
    "NotFound",
    "OwnAccount",
    "ReelgateError",
    "RegistrationClosed",
    "StorageLimitExceeded",
    "TooLarge",
    "TooManyAttempts",
    "TooManyOpenUploads",
    "Traffic",
    "Unauthorized",
    "Unavailable",
    "UnsupportedType",
    "UploadFinished",
    "UploadIsChunked",
    "UploadNotFound",
    "UploadSealed",
    "UserNotFound",
    "UserStorageNotFound",
    "UsernameTaken",
    "WeakPassword",
]
