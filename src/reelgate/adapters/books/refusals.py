"""The errors with which the books refuse an operation, whatever it was about to decide."""

from __future__ import annotations

import random

from reelgate.domain.errors import AccountDeleted, BooksBusy, BooksSlow, Unavailable


def busy() -> BooksBusy:
    """Return the error for a change that lost every race to other requests, with a random Retry-After."""
    return BooksBusy(
        "Too much is happening in your account at once. Nothing was changed; try again.",
        retry_after_seconds=random.randint(1, 3),  # noqa: S311 - spreads competitors, hides nothing
    )


def slow() -> BooksSlow:
    """Return the error for a change that the database did not answer in time, without any competing request."""
    return BooksSlow(
        "This took too long, and it is not known whether it was done. Look first, before you try again.",
        retry_after_seconds=random.randint(2, 5),  # noqa: S311 - as above
    )


def erased() -> AccountDeleted:
    """Return the error for every change of an account whose user was erased, or is being erased."""
    return AccountDeleted("This account was deleted.")


def late_preparation() -> Unavailable:
    """Return the error for a change that could not be prepared in time."""
    return Unavailable("This took too long. Nothing was changed; try again.")
