"""With threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Job = Callable[[], None]
"""A piece of work that is not begun yet."""
Sleep = Callable[[float], None]

Lock = threading.Lock
sleep: Sleep = time.sleep


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run it: this thread may wait."""
    return function(*args, **kwargs)


def run_all(jobs: Sequence[Job], *, at_once: int) -> None:
    """Do all jobs, some at once. The first error is raised once the jobs that have begun are over; no others begin."""
    if at_once == 1 or len(jobs) == 1:
        for job in jobs:
            job()
        return
    failed = threading.Event()

    def unless_failed(job: Job) -> None:
        if failed.is_set():
            return
        try:
            job()
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(max(1, min(at_once, len(jobs)))) as pool:
        futures = [pool.submit(unless_failed, job) for job in jobs]
        try:
            for future in futures:
                future.result()
        finally:
            failed.set()
