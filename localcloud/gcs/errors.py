"""Every refusal of the emulator: its status and its names in both APIs, in one table.

Statuses and XML codes: Cloud Storage documentation, "HTTP status and error codes" for XML and for JSON.
"""

from collections.abc import Mapping
from enum import Enum


class Refusal(Enum):
    """Why a request is refused: (HTTP status, XML code, JSON reason, default message)."""

    INVALID_ARGUMENT = (400, "InvalidArgument", "invalid", "Invalid argument.")
    REQUIRED = (400, "InvalidArgument", "required", "Required parameter is missing.")
    MALFORMED_SECURITY_HEADER = (400, "MalformedSecurityHeader", "invalid", "Your request has a malformed header.")
    EXPIRED_TOKEN = (400, "ExpiredToken", "invalid", "The provided token has expired.")
    BAD_DIGEST = (400, "BadDigest", "invalid", "The digest you specified did not match what we received.")
    CONTENT_SHA256_MISMATCH = (
        400,
        "XAmzContentSHA256Mismatch",
        "invalid",
        "The provided 'x-amz-content-sha256' or 'x-goog-content-sha256' header does not match what was computed.",
    )
    ENTITY_TOO_LARGE = (400, "EntityTooLarge", "invalid", "Your proposed upload is larger than the maximum size.")
    ENTITY_TOO_SMALL = (400, "EntityTooSmall", "invalid", "Your proposed upload is smaller than the minimum size.")
    INVALID_BUCKET_NAME = (400, "InvalidBucketName", "invalid", "The specified bucket is not valid.")
    SIGNATURE_DOES_NOT_MATCH = (403, "SignatureDoesNotMatch", "forbidden", "Access denied.")
    REQUEST_TIME_TOO_SKEWED = (
        403,
        "RequestTimeTooSkewed",
        "forbidden",
        "The difference between the request time and the server's time is too large.",
    )
    ACCESS_DENIED = (403, "AccessDenied", "forbidden", "Access denied.")
    OBJECT_HELD = (403, "AccessDenied", "forbidden", "The object is under an active hold; release it first.")
    NO_SUCH_BUCKET = (404, "NoSuchBucket", "notFound", "The specified bucket does not exist.")
    NO_SUCH_KEY = (404, "NoSuchKey", "notFound", "The specified key does not exist.")
    NO_SUCH_UPLOAD = (404, "NoSuchUpload", "notFound", "The upload does not exist or is over.")
    NO_SUCH_ROUTE = (404, "NoSuchKey", "notFound", "Not Found")
    METHOD_NOT_ALLOWED = (405, "MethodNotAllowed", "methodNotAllowed", "The method is not allowed against this resource.")
    BUCKET_EXISTS = (409, "BucketAlreadyOwnedByYou", "conflict", "Your previous request to create the bucket succeeded.")
    BUCKET_NOT_EMPTY = (409, "BucketNotEmpty", "conflict", "The bucket you tried to delete is not empty.")
    UPLOAD_TAKEN_OVER = (409, "OperationAborted", "aborted", "Another request continues this upload.")
    UPLOAD_GONE = (410, "InvalidArgument", "gone", "The upload was cancelled or has failed; start a new one.")
    PRECONDITION_FAILED = (412, "PreconditionFailed", "conditionNotMet", "At least one of the pre-conditions did not hold.")
    PAYLOAD_TOO_LARGE = (413, "EntityTooLarge", "uploadTooLarge", "The request body is too large.")
    INVALID_RANGE = (416, "InvalidRange", "requestedRangeNotSatisfiable", "The requested range cannot be satisfied.")
    INTERNAL = (500, "InternalError", "backendError", "We encountered an internal error. Please try again.")
    INJECTED = (500, "InternalError", "backendError", "An error asked for through the faults of the emulator.")
    NOT_IMPLEMENTED = (501, "NotImplemented", "notImplemented", "The emulator does not offer this operation.")

    def __init__(self, status: int, xml_code: str, json_reason: str, text: str) -> None:
        self.status = status
        self.xml_code = xml_code
        self.json_reason = json_reason
        self.text = text


class StorageError(Exception):
    """A request that is refused with the error that Google answers.

    Args:
        refusal: the row of the table above.
        details: the specific reason, shown to the client in Details (XML) or as the message (JSON).
        elements: further XML elements of the body, in order (StringToSign, ParameterName...).
        headers: response headers the refusal needs (Content-Range on 416).
        status: another status than the table's, for injected faults only.
        plain: the JSON API answers with the bare text, as its upload and download servers do.
    """

    def __init__(
        self,
        refusal: Refusal,
        details: str | None = None,
        *,
        elements: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        plain: bool = False,
    ) -> None:
        super().__init__(details or refusal.text)
        self.refusal = refusal
        self.details = details
        self.elements = dict(elements or {})
        self.headers = dict(headers or {})
        self.status = status or refusal.status
        self.plain = plain


class NotModifiedError(Exception):
    """A read whose ...NotMatch precondition holds: 304 without a body.

    Args:
        headers: those of a 200 that describe the resource (RFC 9110, section 15.4.5).
    """

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("not modified")
        self.headers = dict(headers or {})


class ClientGoneError(Exception):
    """The connection broke while the request body was being read; there is no client left to answer."""
