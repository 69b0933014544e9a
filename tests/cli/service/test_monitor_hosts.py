import socket
from collections.abc import Iterator

import pytest

from cli.service.monitor import Monitor
from storage.errors import InvalidRequest

pytestmark = pytest.mark.threats("U2")


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    made = Monitor(0, hosts=("desk.example", "proxied.example:8443", "under_score"))
    yield made
    made.close()


def ask(port: int, *lines: str) -> int:
    """The status of the answer to a request with just these lines."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(
            "".join(f"{line}\r\n" for line in (*lines, "Connection: close", "")).encode()
        )
        return int(connection.makefile("rb").readline().split()[1])


OWN = [
    "127.0.0.1:PORT",
    "localhost:PORT",
    "LOCALHOST:PORT",
    "localhost.:PORT",
    "[::1]:PORT",
    "desk.example:PORT",
    "Desk.Example.:PORT",
    "proxied.example:8443",
    "under_score:PORT",
]
FOREIGN = [
    "evil.test",
    "evil.test:PORT",
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost.evil.test:PORT",
    "desk.example",
    "desk.example:1",
    "proxied.example:PORT",
    "[::2]:PORT",
    "0.0.0.0:PORT",
    "192.168.0.1:PORT",
    "2130706433:PORT",
    "127.1:PORT",
    "user@localhost:PORT",
    "localhost:PORT, evil.test",
    "localhost:PORT evil.test",
    "local\thost:PORT",
    "localhost:99999",
    "",
    "http://localhost:PORT",
]


@pytest.mark.parametrize("path", ["/health", "/metrics"])
@pytest.mark.parametrize("host", OWN)
def test_it_answers_under_its_own_names(host: str, path: str, monitor: Monitor) -> None:
    named = f"Host: {host.replace('PORT', str(monitor.port))}"
    assert ask(monitor.port, f"GET {path} HTTP/1.1", named) != 421
    assert ask(monitor.port, f"GET {path} HTTP/1.0", named) != 421


@pytest.mark.parametrize("path", ["/health", "/metrics", "/", "/nothing"])
@pytest.mark.parametrize("host", FOREIGN)
def test_under_another_name_it_answers_421(host: str, path: str, monitor: Monitor) -> None:
    named = f"Host: {host.replace('PORT', str(monitor.port))}"
    assert ask(monitor.port, f"GET {path} HTTP/1.1", named) == 421
    assert ask(monitor.port, f"HEAD {path} HTTP/1.1", named) == 421


def test_without_a_host_and_with_two_it_answers_421(monitor: Monitor) -> None:
    own = f"Host: localhost:{monitor.port}"
    assert ask(monitor.port, "GET /health HTTP/1.0") == 421
    assert ask(monitor.port, "GET /health HTTP/1.1") == 421
    assert ask(monitor.port, "GET /health HTTP/1.1", own, own) == 421
    assert ask(monitor.port, "GET /health HTTP/1.1", own, "Host: evil.test") == 421
    assert ask(monitor.port, "GET /health HTTP/1.1", "Host: evil.test", own) == 421


def test_a_whole_address_as_target_reads_nothing_of_another_name(monitor: Monitor) -> None:
    own = f"Host: localhost:{monitor.port}"
    assert ask(monitor.port, "GET http://evil.test/metrics HTTP/1.1", own) == 404
    assert ask(monitor.port, "GET http://evil.test/metrics HTTP/1.1", "Host: evil.test") == 421


def test_a_name_that_is_none_is_told_before_it_listens() -> None:
    with pytest.raises(InvalidRequest, match="is not a host name"):
        Monitor(0, hosts=("a b",))
