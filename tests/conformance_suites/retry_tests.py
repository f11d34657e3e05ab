"""The Retry Test API that the suites ask for, over the emulator.

A test says which failures the next requests to a method shall meet; requests name it in `x-retry-test-id`. Source:
googleapis/storage-testbench, README.md, "Retry Test API".
"""

import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.uploads.content_range import ContentRange, parse_content_range
from tests.conformance_suites.methods import method_of

STATUS = re.compile(r"return-(\d{3})")
STATUS_AFTER = re.compile(r"return-(\d{3})-after-(\d+)K")
BROKEN_AFTER = re.compile(r"return-broken-stream(?:-after-(\d+)K)?")
RESET = "return-reset-connection"
BROKEN_STREAM_BYTES = 10


class ResetError(Exception):
    """The connection is to be cut instead of an answer."""


@dataclass
class RetryTest:
    """What is still to go wrong, by method."""

    id: str
    instructions: dict[str, deque[str]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As the testbench shows it."""
        left = {method: list(queue) for method, queue in self.instructions.items()}
        return {"id": self.id, "instructions": left, "transport": "HTTP", "completed": not any(left.values())}


class RetryTests:
    """All tests of a run."""

    def __init__(self) -> None:
        self._tests: dict[str, RetryTest] = {}

    def create(self, document: dict[str, Any]) -> dict[str, Any]:
        """Begin a test. Raises ValueError for an instruction that could not be followed."""
        test = RetryTest(secrets.token_hex(16))
        for method, instructions in document["instructions"].items():
            for instruction in instructions:
                known = STATUS.fullmatch(instruction) or STATUS_AFTER.fullmatch(instruction)
                if not (known or BROKEN_AFTER.fullmatch(instruction) or instruction == RESET):
                    raise ValueError(f"unknown instruction: {instruction}")
            test.instructions[method] = deque(instructions)
        self._tests[test.id] = test
        return test.document()

    def get(self, test_id: str) -> dict[str, Any]:
        """Show a test. Raises KeyError."""
        return self._tests[test_id].document()

    def delete(self, test_id: str) -> None:
        """Forget a test."""
        self._tests.pop(test_id, None)

    def inject(self, call: Call, method: str | None = None) -> None:
        """Do to a request what its test says.

        Raises:
            StorageError: with the status to be answered.
            ResetError: the connection is to be cut.
        """
        test = self._tests.get(call.headers.get("x-retry-test-id", ""))
        name = method or method_of(call.method, call.target.raw_path)
        queue = test.instructions.get(name) if test is not None and name is not None else None
        if not queue:
            return
        instruction = queue[0]
        if instruction == RESET:
            queue.popleft()
            raise ResetError
        if found := STATUS.fullmatch(instruction):
            queue.popleft()
            raise StorageError(Refusal.INJECTED, status=int(found[1]))
        if found := STATUS_AFTER.fullmatch(instruction):
            _break_upload(call, queue, int(found[1]), int(found[2]) * 1024)
        elif (found := BROKEN_AFTER.fullmatch(instruction)) and call.query.get("alt") == "media":
            _break_download(call, queue, int(found[1]) * 1024 if found[1] else BROKEN_STREAM_BYTES)


def _break_upload(call: Call, queue: deque[str], status: int, after_bytes: int) -> None:
    """Refuse a body once the object has `after_bytes`, unless it ends before or begins behind."""
    part = (
        parse_content_range(call.headers["Content-Range"]) if "Content-Range" in call.headers else ContentRange(0, None, None)
    )
    if part.first is None or after_bytes <= part.first:
        return
    end = part.first + call.content_length if call.content_length is not None else part.limit
    if end is not None and end < after_bytes:
        return
    queue.popleft()
    call.body.refuse_after_bytes = (after_bytes - part.first, StorageError(Refusal.INJECTED, status=status))


def _break_download(call: Call, queue: deque[str], after_bytes: int) -> None:
    """Cut an answer after so many bytes of it, unless it is shorter anyhow."""
    asked = re.fullmatch(r"bytes=(\d+)-(\d+)", call.headers.get("Range", ""))
    if asked is not None and int(asked[2]) - int(asked[1]) + 1 <= after_bytes:
        return
    queue.popleft()
    call.drop_download_after_bytes = after_bytes
