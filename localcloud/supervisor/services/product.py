"""What the local cloud takes from the product, so that it is defined only once.

This is the only module that imports `reelgate`: the product reads its settings, so it also checks them before `up` starts
anything; buckets allow the headers that the product's web layer allows; and it says which files its pages need.
"""

from collections.abc import Mapping

from localcloud.supervisor.errors import CannotStartError
from reelgate.config import Settings
from reelgate.config.reader import words
from reelgate.web.console.files import FOLDER as CONSOLE_FOLDER
from reelgate.web.console.files import PAGE
from reelgate.web.http.answers.cors import TRACING_HEADERS
from reelgate.web.watch.assets import FOLDER as WATCH_ASSETS
from reelgate.web.watch.assets import HLS as WATCH_LIBRARY

CONSOLE_PAGE = CONSOLE_FOLDER / PAGE

__all__ = ["CONSOLE_PAGE", "TRACING_HEADERS", "WATCH_ASSETS", "WATCH_LIBRARY", "check_settings", "words"]


def check_settings(environment: Mapping[str, str]) -> None:
    """Raise CannotStartError naming everything that is wrong with the functions' settings in `environment`."""
    try:
        Settings.from_env(environment)
    except ValueError as error:
        raise CannotStartError(str(error)) from None
