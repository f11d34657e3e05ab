"""Everything that can go wrong, as domain errors.

    ReelgateError
    ├── Unauthorized                the caller did not prove who they are
    │   ├── InvalidCredentials      e-mail address or user name and password do not belong together
    │   │   └── LoginFailed         the same, and the attempt was counted by the rate limits
    │   ├── InvalidApiKey           there is no such API key
    │   ├── ApiKeyExpired
    │   ├── ApiKeyRevoked
    │   └── SignInTooOld            they did, but too long ago for what cannot be undone
    ├── Forbidden                   the caller is known, but their role does not allow this
    │   ├── AccountDeleted          the account was deleted, or is being deleted
    │   ├── AccountDisabled
    │   ├── RegistrationClosed
    │   ├── WrongPassword           a signed-in user did not prove that they know their password
    │   ├── NotForApiKeys           only for users who sign in themselves
    │   ├── MissingScope            the API key was made for less
    │   ├── OriginNotAllowed        a web page that the grant does not name
    │   └── NotPlayableToday        the day's bandwidth of the video's owner is used up
    ├── InvalidRequest              fields are missing or invalid; names all of them
    │   ├── InvalidCaptions         captions are no WebVTT that is accepted; says in which line, and why
    │   └── WeakPassword
    ├── RequestTooSlow              the request arrives more slowly than the deployment waits for
    ├── TooLarge                    more bytes than this deployment accepts in one file or body
    ├── UnsupportedType             a content type this deployment does not store
    ├── LimitExceeded               a storage or daily limit would be exceeded; carries the numbers
    │   ├── StorageLimitExceeded
    │   └── BandwidthLimitExceeded
    ├── TooManyOpenUploads          finish or cancel some first
    ├── TooManyConversions          no MP3 is made for this user before the next day
    ├── TooManyRejected             too many uploads failed today; says until when
    ├── TooManyAttempts             wait; says how long
    ├── TooManyRequests             wait; says how long
    ├── GrantOver                   a playback grant that opens nothing any more
    │   ├── GrantExpired
    │   ├── GrantRevoked
    │   ├── GrantUsedUp             all of its plays or bytes
    │   └── VideoUnavailable        the video was deleted, or its owner may not share it
    ├── NotFound                    it does not exist, or this caller may not see it
    │   ├── VideoNotFound
    │   ├── UploadNotFound
    │   ├── CaptionsNotFound        there are none in this language
    │   ├── PosterNotFound          the link has expired, or its video is gone
    │   ├── UserStorageNotFound
    │   ├── UserNotFound
    │   ├── ApiKeyNotFound
    │   ├── GrantNotFound           there is no such playback grant
    │   ├── RenditionNotFound
    │   ├── AssetNotFound           a file that a page for people loads
    │   ├── ExportNotFound          it never existed, or has expired
    │   └── DeliveryNotFound
    ├── Conflict                    the current state does not allow it
    │   ├── NameTaken
    │   ├── LabelTaken              other captions of the video have this label
    │   ├── TooManyCaptions         remove those in another language first
    │   ├── UploadFinished
    │   ├── UploadIsChunked         it takes chunks, not one session
    │   ├── UploadNotDivided        it takes no parts of one size
    │   ├── UploadIncomplete        its bytes have not arrived
    │   ├── UploadSealed            it is being completed and takes no more chunks
    │   ├── ChunkDiffers            a chunk, or the joined file, differs from what was sent or announced before
    │   ├── ChunksMissing           some chunks were not received; names them
    │   ├── ChunksLeftOver          more chunks were received than announced; names them
    │   ├── IdempotencyMismatch
    │   ├── AudioNotReady           the MP3 is not finished, or was not requested
    │   ├── AudioImpossible         there will never be an MP3 of this file
    │   ├── NotPackaged             the video does not play in pieces, or not yet
    │   ├── EmailTaken
    │   ├── UsernameTaken
    │   ├── OwnAccount              admins cannot remove their own rights
    │   ├── ForeignUser             only the user's own issuer can change that
    │   ├── TooManyApiKeys          delete some first
    │   ├── TooManyGrants           revoke some first
    │   ├── LeaseOver               its time has passed; the next number can be leased
    │   ├── LeaseOutOfOrder         the lease with the number before it was never given
    │   ├── ExportNeeded            too many users for one answer
    │   ├── ExportContinues         an answer in lines has as many as it may have
    │   ├── TooManyExports
    │   ├── DeliveryBusy            it is being sent at this moment
    │   └── ChannelGone             the deployment no longer has this channel
    └── Unavailable                 could not be done now; try again
        ├── BooksBusy           other requests kept changing the same account; nothing was written
        └── BooksSlow           the store did not answer in time; the outcome is unknown

Which HTTP status each one becomes is decided in one place, `reelgate.web.http.answers.problems`.
"""

from reelgate.domain.errors.base import (
    Conflict,
    FieldChecks,
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    ReelgateError,
    Unauthorized,
    Unavailable,
    collect,
    in_words,
)
from reelgate.domain.errors.limits import (
    BandwidthLimitExceeded,
    BooksBusy,
    BooksSlow,
    LimitExceeded,
    RequestTooSlow,
    StorageLimitExceeded,
    TooLarge,
    TooManyOpenUploads,
    TooManyRejected,
    TooManyRequests,
    Traffic,
    UnsupportedType,
)
from reelgate.domain.errors.people import (
    AccountDeleted,
    AccountDisabled,
    ApiKeyExpired,
    ApiKeyNotFound,
    ApiKeyRevoked,
    ChannelGone,
    DeliveryBusy,
    DeliveryNotFound,
    EmailTaken,
    ExportContinues,
    ExportNeeded,
    ExportNotFound,
    ForeignUser,
    InvalidApiKey,
    InvalidCredentials,
    LoginFailed,
    MissingScope,
    NotForApiKeys,
    OwnAccount,
    RegistrationClosed,
    SignInTooOld,
    TooManyApiKeys,
    TooManyAttempts,
    TooManyExports,
    UsernameTaken,
    UserNotFound,
    WeakPassword,
    WrongPassword,
)
from reelgate.domain.errors.playback import (
    AssetNotFound,
    GrantExpired,
    GrantNotFound,
    GrantOver,
    GrantRevoked,
    GrantUsedUp,
    LeaseOutOfOrder,
    LeaseOver,
    NotPlayableToday,
    OriginNotAllowed,
    RenditionNotFound,
    TooManyGrants,
    VideoUnavailable,
)
from reelgate.domain.errors.videos import (
    AudioImpossible,
    AudioNotReady,
    CaptionsNotFound,
    ChunkDiffers,
    ChunksLeftOver,
    ChunksMissing,
    IdempotencyMismatch,
    InvalidCaptions,
    LabelTaken,
    NameTaken,
    NotPackaged,
    PosterNotFound,
    TooManyCaptions,
    TooManyConversions,
    UploadFinished,
    UploadIncomplete,
    UploadIsChunked,
    UploadNotDivided,
    UploadNotFound,
    UploadSealed,
    UserStorageNotFound,
    VideoNotFound,
)

__all__ = [
    "AccountDeleted",
    "AccountDisabled",
    "ApiKeyExpired",
    "ApiKeyNotFound",
    "ApiKeyRevoked",
    "AssetNotFound",
    "AudioImpossible",
    "AudioNotReady",
    "BandwidthLimitExceeded",
    "BooksBusy",
    "BooksSlow",
    "CaptionsNotFound",
    "ChannelGone",
    "ChunkDiffers",
    "ChunksLeftOver",
    "ChunksMissing",
    "Conflict",
    "DeliveryBusy",
    "DeliveryNotFound",
    "EmailTaken",
    "ExportContinues",
    "ExportNeeded",
    "ExportNotFound",
    "FieldChecks",
    "FieldError",
    "Forbidden",
    "ForeignUser",
    "GrantExpired",
    "GrantNotFound",
    "GrantOver",
    "GrantRevoked",
    "GrantUsedUp",
    "IdempotencyMismatch",
    "InvalidApiKey",
    "InvalidCaptions",
    "InvalidCredentials",
    "InvalidRequest",
    "LabelTaken",
    "LeaseOutOfOrder",
    "LeaseOver",
    "LimitExceeded",
    "LoginFailed",
    "MissingScope",
    "NameTaken",
    "NotForApiKeys",
    "NotFound",
    "NotPackaged",
    "NotPlayableToday",
    "OriginNotAllowed",
    "OwnAccount",
    "PosterNotFound",
    "ReelgateError",
    "RegistrationClosed",
    "RenditionNotFound",
    "RequestTooSlow",
    "SignInTooOld",
    "StorageLimitExceeded",
    "TooLarge",
    "TooManyApiKeys",
    "TooManyAttempts",
    "TooManyCaptions",
    "TooManyConversions",
    "TooManyExports",
    "TooManyGrants",
    "TooManyOpenUploads",
    "TooManyRejected",
    "TooManyRequests",
    "Traffic",
    "Unauthorized",
    "Unavailable",
    "UnsupportedType",
    "UploadFinished",
    "UploadIncomplete",
    "UploadIsChunked",
    "UploadNotDivided",
    "UploadNotFound",
    "UploadSealed",
    "UserNotFound",
    "UserStorageNotFound",
    "UsernameTaken",
    "VideoNotFound",
    "VideoUnavailable",
    "WeakPassword",
    "WrongPassword",
    "collect",
    "in_words",
]
