"""Connect adapters to use cases. Only this package reads the environment. It builds each client on first use.

SDKs are imported inside the functions on purpose: a function then loads only what its routes need, which keeps its cold start
short (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

import gc
import os
from functools import cache

from reelgate.bootstrap.account_services import check_sign_in
from reelgate.bootstrap.cloud_services import CloudServices
from reelgate.config import Settings
from reelgate.web.http.function import take_every_path

__all__ = ["CloudServices", "services", "settings", "start"]

OBJECTS_PER_COLLECTION = 20_000
"""After how many new objects that are not freed the garbage collector looks for cycles among them. Python's default is 2,000,
as many as some dozen requests under way have."""


@cache
def settings() -> Settings:
    """Return this process's settings. Raises ValueError naming everything that is wrong with them."""
    return Settings.from_env(os.environ)


@cache
def services() -> CloudServices:
    """Return this process's services."""
    return CloudServices(settings())


def start(*, signs: bool = False, knows_callers: bool = True, takes_pushes: bool = False, signs_in: bool = False) -> Settings:
    """Check the settings, so that a wrong configuration fails at startup and not at the first request.

    The signer and the verifiers are built, because that shows further errors. Nothing is fetched.

    Args:
        signs: whether the function signs URLs.
        knows_callers: whether it is called with bearer tokens.
        takes_pushes: whether Pub/Sub pushes messages to it.
        signs_in: whether users sign in through it.

    Raises:
        ValueError: naming what is wrong.
    """
    config = settings()
    take_every_path()
    _spare_garbage_collection()
    _set_worker_timeout(config)
    if signs_in:
        check_sign_in(config)
    if signs:
        _ = services().signer
    if knows_callers:
        _ = services().identity
    if takes_pushes and config.in_cloud and services().push_identity is None:
        raise ValueError("This function takes messages from Pub/Sub: set REELGATE_PUSH_AUDIENCE and REELGATE_PUSH_ACCOUNT")
    return config


def _spare_garbage_collection() -> None:
    """Let the garbage collector look at what requests leave behind, seldom, and never again at what was imported.

    With 64 requests at once, it took 7 % of the CPU time of each (docs/adr/0005-cold-starts.md).
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION)


def _set_worker_timeout(config: Settings) -> None:
    """Set after how many seconds without a heartbeat the server kills its worker; 0, the default, means never.

    functions-framework passes CLOUD_RUN_TIMEOUT_SECONDS, which the platform sets to the function's timeout, to gunicorn as
    `timeout`. For an asynchronous worker this limits not a request but the time between two heartbeats. An instance without
    requests has hardly any processor time for a heartbeat, and would be killed when the next request wakes it. The framework
    imports main.py before it reads the variable (`functions_framework/_cli.py`, `_http/gunicorn.py`, 3.10.2).
    Cloud Run itself ends requests that take too long.
    """
    os.environ["CLOUD_RUN_TIMEOUT_SECONDS"] = str(config.worker_timeout_seconds)
