"""Expect: 100-continue: who is refused before the body keeps it, and the next request must not be taken for it."""

import http.client
import socket

from tests.integration.gcs.conftest import Bucket

BODY = b"x" * 1000


def ask(bucket: Bucket, target: str, extra: str = "") -> tuple[socket.socket, http.client.HTTPResponse]:
    """Send the head of an upload and read the first answer to it."""
    connection = socket.create_connection(("127.0.0.1", bucket.emulator.port), timeout=10)
    head = f"PUT {target} HTTP/1.1\r\nHost: {bucket.emulator.host}\r\nContent-Length: {len(BODY)}\r\n{extra}"
    connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
    answer = http.client.HTTPResponse(connection)
    return connection, answer


def test_a_refusal_before_the_body_closes_the_connection(bucket: Bucket) -> None:
    connection, answer = ask(bucket, f"/{bucket.name}/clip")
    answer.begin()
    assert (answer.status, answer.getheader("Connection")) == (403, "close")
    answer.read()
    connection.close()


def test_who_is_wanted_is_asked_once_and_keeps_the_connection(bucket: Bucket) -> None:
    uri = bucket.open_session("clip").removeprefix(bucket.emulator.url)
    connection, _ = ask(bucket, uri)
    assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(BODY)
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert (answer.status, answer.getheader("Connection")) == (200, None)
    answer.read()
    connection.sendall(f"GET /_emulator/health HTTP/1.1\r\nHost: {bucket.emulator.host}\r\n\r\n".encode())
    second = http.client.HTTPResponse(connection)
    second.begin()
    assert second.status == 200
    connection.close()


def test_a_request_without_a_body_may_expect_what_it_likes(bucket: Bucket) -> None:
    connection = socket.create_connection(("127.0.0.1", bucket.emulator.port), timeout=10)
    for _ in range(2):
        head = f"GET /storage/v1/b/{bucket.name}/o/none HTTP/1.1\r\nHost: {bucket.emulator.host}\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, answer.getheader("Connection")) == (404, None)
        answer.read()
    connection.close()
