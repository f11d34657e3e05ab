"""What can go wrong, in the words of a video store.

    ReelgateError
    ├── Unauthorized                the caller did not prove who they are
    │   └── InvalidCredentials      e-mail address or user name and password do not belong together
    │       └── LoginFailed         the same, after the rate limits have counted it
    ├── Forbidden                   the caller is known, and their role may not do this
    │   ├── AccountDisabled
    │   └── RegistrationClosed
    ├── InvalidRequest              a field is missing or impossible; names the field
    │   └── WeakPassword
    ├── TooLarge                    more bytes than this deployment takes in one file or body
    ├── UnsupportedType             a content type this deployment does not store
    ├── LimitExceeded               a budget says no; carries the numbers
    │   ├── StorageLimitExceeded
    │   └── BandwidthLimitExceeded
    ├── TooManyOpenUploads          finish or cancel some first
    ├── TooManyAttempts             wait; says how long
    ├── NotFound                    nothing of that name that this caller may know of
    │   ├── FileNotFound
    │   ├── UploadNotFound
    │   ├── UserStorageNotFound
    │   ├── UserNotFound
    │   └── DeliveryNotFound
    ├── Conflict                    the state of things forbids it
    │   ├── NameTaken
    │   ├── UploadFinished
    │   ├── UploadIsChunked         it takes chunks, not one session
    │   ├── UploadSealed            it is being completed and takes no more chunks
    │   ├── ChunkDiffers            other bytes under the same index, or together not what was announced
    │   ├── ChunksMissing           not all of them are there; names them
    │   ├── ChunksLeftOver          more are there than were announced; names them
    │   ├── IdempotencyMismatch
    │   ├── AudioNotReady           the MP3 is not made yet, or was not asked for
    │   ├── AudioImpossible         there will never be an MP3 of this file
    │   ├── EmailTaken
    │   ├── UsernameTaken
    │   ├── OwnAccount              admins do not take away their own rights
    │   ├── ForeignUser             the user's own issuer decides that
    │   ├── DeliveryBusy            it is being sent at this moment
    │   └── ChannelGone             the deployment does not tell events in this way any more
    └── Unavailable                 could not be done now, nothing was changed; try again
        ├── BooksBusy           others kept changing the same account
        └── BooksSlow           the store did not answer in time: perhaps it was done

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
from reelgate.domain.errors.budgets import (
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
