"""Join adapters to use cases: the only place that reads the environment, and where every client is built on first use.

Imports of SDKs stand inside the functions on purpose: a function loads only what its routes really need, which is what its
cold start consists of (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

import os
from functools import cache

from reelgate.bootstrap.cloud_services import CloudServices
from reelgate.bootstrap.identity import check_sign_in
from reelgate.config import Settings
from reelgate.web.http.routing import take_every_path

__all__ = ["CloudServices", "services", "settings", "start"]


@cache
def settings() -> Settings:
    """Return this process's settings. Raises ValueError naming everything that is wrong with them."""
    return Settings.from_env(os.environ)


@cache
def services() -> CloudServices:
    """Return this process's services."""
    return CloudServices(settings())


def start(*, signs: bool = False, knows_callers: bool = True, takes_pushes: bool = False, signs_in: bool = False) -> Settings:
    """Read the settings and build what can be wrong about them, so that a wrong deployment fails at its start.

    Nothing is fetched; the function would build the same at its first request.

    Args:
        signs: whether the function signs URLs.
        knows_callers: whether people call it, with tokens.
        takes_pushes: whether Pub/Sub pushes messages to it.
        signs_in: whether people sign in here.

    Raises:
        ValueError: naming what is wrong.
    """
    config = settings()
    take_every_path()
    _let_the_worker_be_silent(config)
    if signs_in:
        check_sign_in(config)
    if signs:
        _ = services().signer
    if knows_callers:
        _ = services().identity
    if takes_pushes and config.in_cloud and services().push_identity is None:
        raise ValueError("Pub/Sub pushes messages here: set REELGATE_PUSH_AUDIENCE and REELGATE_PUSH_ACCOUNT")
    return config


def _let_the_worker_be_silent(config: Settings) -> None:
    """Tell the server how long its worker may be silent before it is killed; for ever (0) unless the settings say otherwise.

    functions-framework hands CLOUD_RUN_TIMEOUT_SECONDS, which the platform sets to the function's timeout, to gunicorn as
    `timeout`. For an asynchronous worker that is no limit of a request but of the pause between two signs of life, and an
    instance without requests has next to no processor time to give one: it would be killed when a request wakes it. The
    framework imports main.py before it reads the variable (`functions_framework/_cli.py`, `_http/gunicorn.py`, 3.10.2).
    Cloud Run ends requests that take too long by itself.
    """
    os.environ["CLOUD_RUN_TIMEOUT_SECONDS"] = str(config.worker_timeout_seconds)
