"""What the local cloud takes from the product, so that it is defined only once.

This is the only module that imports `reelgate`: the product reads its settings, so it also checks them before `up` starts
anything; and buckets allow the headers that the product's web layer allows.
"""

from collections.abc import Mapping

from localcloud.supervisor.errors import CannotStartError
from reelgate.config import Settings
from reelgate.config.reader import words
from reelgate.web.http.cors import TRACING_HEADERS

__all__ = ["TRACING_HEADERS", "check_settings", "words"]


def check_settings(environment: Mapping[str, str]) -> None:
    """Raise CannotStartError naming everything that is wrong with the functions' settings in `environment`."""
    try:
        Settings.from_env(environment)
    except ValueError as error:
        raise CannotStartError(str(error)) from None
