import errno
import socket
from pathlib import Path

import pytest

from localcloud.supervisor import ports
from localcloud.supervisor.errors import CannotStartError
from localcloud.supervisor.ports import (
    FUNCTIONS,
    OFFSETS,
    SECOND_PORTS,
    SPAN,
    find_free_base,
    is_among_outgoing_ports,
    is_free,
    is_usable,
    outgoing_ports,
    port_of,
    problem_with,
    require_free,
)
from localcloud.supervisor.state.folder import ROOT


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


def test_ports_of_outgoing_connections_are_refused_with_the_reason() -> None:
    outgoing = outgoing_ports()
    for base in (outgoing[0], outgoing[0] - SPAN + 1, outgoing[-1] - SPAN + 1):
        with pytest.raises(
            CannotStartError, match=rf"{base} to {base + SPAN - 1}.* outgoing connections[^?]*--port \d+"
        ) as refused:
            require_free(["gateway"], base)
        assert "another program" not in str(refused.value)
        assert not is_usable(base)
    assert not is_among_outgoing_ports(outgoing[0] - SPAN)
    assert not is_among_outgoing_ports(outgoing[-1] + 1)


def test_where_the_system_does_not_tell_they_are_iana_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "ip_local_port_range"
    monkeypatch.setattr(ports, "LINUX_RANGE", told)
    assert outgoing_ports() == range(49152, 65536)
    told.write_text("15000\t20005\n")
    assert outgoing_ports() == range(15000, 20006)
    assert find_free_base() > 20005


def test_where_all_ports_are_for_outgoing_connections_they_are_only_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "ip_local_port_range"
    monkeypatch.setattr(ports, "LINUX_RANGE", told)
    told.write_text("1024 65535")
    base = find_free_base()
    require_free(OFFSETS, base)
    with (
        socket.create_server(("127.0.0.1", base)),
        pytest.raises(CannotStartError, match=f"another program: port {base} for gateway"),
    ):
        require_free(OFFSETS, base)


def test_without_free_ports_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(CannotStartError, match="free ports in a row"):
        find_free_base()


def test_a_port_that_may_not_be_had_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidding(socket.socket):
        def bind(self, _: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", Forbidding)
    assert problem_with(1024) == "Not available (Permission denied)"


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")])
def test_a_server_on_all_addresses_takes_the_port_too(family: int, address: str) -> None:
    base = find_free_base()
    with socket.socket(family) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        other.bind((address, base))
        other.listen()
        assert not is_free(base)


def test_a_port_whose_connections_are_only_waiting_to_be_forgotten_is_free() -> None:
    port = find_free_base()
    with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(("127.0.0.1", port)) as caller:
        accepted, _ = server.accept()
        accepted.close()  # who closes first is in TIME_WAIT
        assert caller.recv(1) == b""
    assert is_free(port)


def test_a_part_s_second_port_must_be_free_too() -> None:
    base = find_free_base()
    assert not {offset for _, offset in SECOND_PORTS.values()} & set(OFFSETS.values())
    with socket.socket() as other:
        other.bind(("127.0.0.1", port_of("smtp", base)))
        other.listen()
        require_free(["gateway"], base)
        with pytest.raises(CannotStartError, match=rf"port {base + 7} for smtp"):
            require_free(["mail"], base)
