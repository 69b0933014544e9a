"""The first and the last address of each special network, and their neighbours."""

from ipaddress import ip_address, ip_network

import pytest
from scrapy.http import Request

from crawler.config.values import networks
from crawler.extract.urls import is_own_url
from crawler.middlewares.address_guard import forbidden_reason
from crawler.middlewares.networks import AllowedNetworks, literal_ip

pytestmark = pytest.mark.threats("S1")

PUBLIC = AllowedNetworks()
PORTS = frozenset({80, 443})
NOT_PUBLIC = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    "::/128", "::1/128", "::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
    "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16",
    "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    "::ffff:127.0.0.0/104", "::ffff:10.0.0.0/104", "64:ff9b::127.0.0.0/104",
    "64:ff9b::192.168.0.0/112",
]  # fmt: skip
NEIGHBOURS = {
    "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "1.0.0.0",
    "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
    "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2001:200::",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2003::",
    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:126.255.255.255",
    "::ffff:128.0.0.0", "64:ff9b::126.255.255.255", "64:ff9b::128.0.0.0",
}  # fmt: skip


@pytest.mark.parametrize("network", NOT_PUBLIC)
def test_the_edges_of_a_special_network_are_refused(network: str) -> None:
    block = ip_network(network)
    for ip in (block[0], block[-1], block[block.num_addresses // 2]):
        assert not PUBLIC.permits(str(ip)), ip
        host = f"[{ip}]" if ip.version == 6 else str(ip)
        assert forbidden_reason(f"http://{host}/", PUBLIC, PORTS), ip


@pytest.mark.parametrize("address", sorted(NEIGHBOURS))
def test_what_lies_beside_a_special_network_is_public(address: str) -> None:
    assert PUBLIC.permits(address)
    assert not any(
        ip_address(address) in ip_network(net)
        for net in NOT_PUBLIC
        if ip_network(net).version == ip_address(address).version
    )


@pytest.mark.parametrize(
    "address",
    [
        "2400:1::5efe:10.0.0.1", "2400:1::200:5efe:192.168.0.1",  # ISATAP
        "2001:0:101:101::f5ff:fffe", "2002:101:101::1", "::1.1.1.1",  # Teredo, 6to4, compatible
        "fe80::1%eth0", "fe80::1%25", "::1%lo", "127.0.0.1%lo", "4000::", "1fff::", "", "1.1.1",
        "1.1.1.1/32", "01.1.1.1",
    ],
)  # fmt: skip
def test_addresses_that_hold_others_zones_and_no_addresses_are_refused(address: str) -> None:
    assert not PUBLIC.permits(address)


@pytest.mark.parametrize(
    "host",
    [
        "127\u30020\u30020\u30021", "127\uff0e0\uff0e0\uff0e1", "127\uff610\uff610\uff611",
        "１２７.0.0.1", "127.0.0.1.", "127.1.", "0x7f.0.0.1", "0X7F000001", "017700000001",
        "127.0.1", "2130706433", "0", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]",
    ],
)  # fmt: skip
def test_other_spellings_of_loopback_are_refused(host: str) -> None:
    assert not PUBLIC.permits(literal_ip(host))
    assert forbidden_reason(f"http://{host}/", PUBLIC, PORTS)
    assert forbidden_reason(Request(f"http://{host}/").url, PUBLIC, PORTS)


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        (("0.0.0.0/0",), ["127.0.0.1", "255.255.255.255", "::ffff:10.0.0.1"], ["::1", "fd00::1"]),
        (("::/0",), ["::1", "fd00::1", "2002::1"], ["127.0.0.1", "::ffff:10.0.0.1"]),
        (("10.0.0.5/32",), ["10.0.0.5", "64:ff9b::10.0.0.5"], ["10.0.0.4", "10.0.0.6"]),
        (("10.0.0.5",), ["10.0.0.5"], ["10.0.0.4", "10.0.0.6"]),
        (("10.0.0.4/31",), ["10.0.0.4", "10.0.0.5"], ["10.0.0.3", "10.0.0.6"]),
        (("10.0.0.5/30",), ["10.0.0.4", "10.0.0.7"], ["10.0.0.3", "10.0.0.8"]),  # host bits
        (("fe80::/10",), ["fe80::1%eth0"], ["fc00::1"]),
        (("fd00::1/128",), ["fd00::1"], ["fd00::2"]),
    ],
)
def test_what_the_operator_allows_ends_at_its_edges(
    allowed: tuple[str, ...], inside: list[str], outside: list[str]
) -> None:
    assert networks(allowed) == allowed
    operator = AllowedNetworks(allowed)
    assert [address for address in inside if not operator.permits(address)] == []
    assert [address for address in outside if operator.permits(address)] == []


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/33", "::/129", "10.0.0", "localhost", "10.0.0.0/-1", "10.0.0.0/8/8", " ", "*"],
)
def test_what_is_no_network_cannot_be_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        networks((text,))


@pytest.mark.parametrize(
    ("port", "passes"),
    [("", True), (":", True), (":80", True), (":443", True), (":0", False), (":1", False),
     (":65535", False), (":65536", False), (":-1", False), (":080", True), (":8O", False)],
)  # fmt: skip
def test_only_the_ports_of_the_web_pass(port: str, passes: bool) -> None:
    assert (forbidden_reason(f"http://kcna.kp{port}/", PUBLIC, PORTS) == "") is passes
    assert is_own_url(f"http://kcna.kp{port}/", ("kcna.kp:80",)) is (passes and port != ":443")


def test_the_last_port_is_fetched_from_if_an_outlet_names_it() -> None:
    ports = PORTS | {65535}
    assert forbidden_reason("http://kcna.kp:65535/", PUBLIC, ports) == ""
    assert forbidden_reason("http://kcna.kp:65534/", PUBLIC, ports)
