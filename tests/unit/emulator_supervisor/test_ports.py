import socket

import pytest

from emulator.supervisor.errors import CannotStartError
from emulator.supervisor.ports import FUNCTIONS, OFFSETS, SECOND_PORTS, SPAN, find_free_base, is_free, port_of, require_free
from emulator.supervisor.state import ROOT


def test_every_function_has_a_port_and_every_port_one_part() -> None:
    assert set(FUNCTIONS) == {main.parent.name for main in (ROOT / "functions").glob("*/main.py")}
    assert len(set(OFFSETS.values())) == len(OFFSETS)


def test_a_free_base_is_free_to_its_last_port() -> None:
    base = find_free_base()
    assert all(is_free(port) for port in range(base, base + SPAN))


def test_taken_ports_are_named_with_their_parts_and_the_way_out() -> None:
    base = find_free_base()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port_of("pubsub", base)))
        other.listen()
        require_free(["gateway", "storage"], base)
        with pytest.raises(CannotStartError, match=rf"port {base + 4} for pubsub\.[^?]*--port \d+") as refused:
            require_free(OFFSETS, base)
    assert "gateway" not in str(refused.value)


def test_a_part_s_second_port_must_be_free_too() -> None:
    base = find_free_base()
    assert not {offset for _, offset in SECOND_PORTS.values()} & set(OFFSETS.values())
    with socket.socket() as other:
        other.bind(("127.0.0.1", port_of("smtp", base)))
        other.listen()
        require_free(["gateway"], base)
        with pytest.raises(CannotStartError, match=rf"port {base + 7} for smtp"):
            require_free(["mail"], base)
