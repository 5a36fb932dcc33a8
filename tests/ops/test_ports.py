import socket
from collections.abc import Iterator

import pytest

from ops.stack.ports import NoFreePortError, any_free_port, describe_busy, is_free, next_free_port


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_listening_port_is_not_free(busy_port: int) -> None:
    assert not is_free(busy_port)


def test_a_free_preferred_port_is_taken_as_it_is() -> None:
    port = any_free_port()
    assert next_free_port(port) == port


def test_the_next_port_is_taken_when_the_preferred_one_is_busy(busy_port: int) -> None:
    assert next_free_port(busy_port) > busy_port


def test_a_port_given_to_another_program_is_passed_over() -> None:
    port = any_free_port()
    assert next_free_port(port, taken={port}) > port


def test_no_free_port_at_all_is_an_error_that_names_the_range() -> None:
    with pytest.raises(NoFreePortError, match="65530"):
        next_free_port(65530, taken=range(65530, 65536))


def test_a_busy_port_is_described_with_its_owner(busy_port: int) -> None:
    assert f"port {busy_port} is taken by python" in describe_busy(busy_port)
