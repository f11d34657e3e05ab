"""A call's V4 signature: who made it, and what it says about the body."""

from localcloud.gcs.http.call import Call
from localcloud.gcs.v4.authorization import signed_sha256
from localcloud.gcs.v4.verifier import Verifier, parameters_of


def signer_of_call(verifier: Verifier, call: Call) -> str | None:
    """Return the service account that signed the call, None for no V4 signature.

    A body hash signed in the Authorization header is compared with the body when that is read.

    Raises:
        StorageError: with Google's status and code for the first check that fails.
    """
    signer = verifier.signer_of(call.method, call.target, call.headers)
    parameters = parameters_of(call.target, call.headers)
    if parameters is not None and parameters.in_header:
        call.body.sha256 = signed_sha256(call.headers, parameters)
    return signer
