import pytest

from crawler.config.values import host_mapping
from crawler.extract.urls import is_own_url
from crawler.middlewares.address_guard import forbidden_reason
from crawler.middlewares.browser import NoBrowserError, find_executable
from crawler.middlewares.networks import AllowedNetworks, literal_ip

PUBLIC = AllowedNetworks()
PORTS = frozenset({80, 443})

INTERNAL = [
    "127.0.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "0x7f000001", "127.1", "0.0.0.0", "0",
    "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25eth0]",
    "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
]  # fmt: skip


@pytest.mark.threats("S1")
@pytest.mark.parametrize("host", INTERNAL)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_s1_addresses_that_are_not_public_are_refused(scheme: str, host: str) -> None:
    assert forbidden_reason(f"{scheme}://{host}/latest/meta-data", PUBLIC, PORTS)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::1111]", "[64:ff9b::101:101]", "kcna.kp"])
def test_public_addresses_and_names_pass(host: str) -> None:
    assert forbidden_reason(f"https://{host}/", PUBLIC, PORTS) == ""


@pytest.mark.threats("S3")
@pytest.mark.parametrize(
    "url",
    [
        "http://kcna.kp:22/", "http://kcna.kp:6379/", "https://kcna.kp:8080/", "http://kcna.kp:x/",
        "ftp://kcna.kp/", "file:///etc/passwd", "data:text/html,x", "s3://bucket/key", "gopher://x/",
    ],
)  # fmt: skip
def test_s3_other_ports_and_schemes_are_refused(url: str) -> None:
    assert forbidden_reason(url, PUBLIC, PORTS)


def test_the_operator_may_allow_a_network() -> None:
    local = AllowedNetworks(("127.0.0.0/8", "fd00::/8"))
    assert forbidden_reason("http://127.0.0.1/", local, PORTS) == ""
    assert forbidden_reason("http://[fd12::1]/", local, PORTS) == ""
    assert forbidden_reason("http://10.0.0.1/", local, PORTS)


@pytest.mark.parametrize(
    ("host", "address"),
    [("kcna.kp", ""), ("deadbeef", ""), ("face.b00c", ""), ("0x7f.1", "127.0.0.1"), ("", "")],
)
def test_hosts_that_spell_an_address(host: str, address: str) -> None:
    assert literal_ip(host) == address


@pytest.mark.parametrize("address", ["not an address", "", "127.0.0.1:80", "fe80::1%eth0"])
def test_what_is_no_public_address_is_not_connected_to(address: str) -> None:
    assert not PUBLIC.permits(address)


@pytest.mark.threats("S2")
@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://www.kcna.kp/a", True), ("http://kcna.kp/", True), ("http://kcna.kp./", True),
        ("http://evilkcna.kp/", False), ("http://kcna.kp.evil.example/", False),
        ("http://kcna.kp@evil.example/", False), ("http://evil.example/kcna.kp", False),
        ("http://[bad/", False), ("nonsense", False),
    ],
)  # fmt: skip
def test_s2_only_an_outlets_hosts_and_those_below_them_are_its_own(url: str, own: bool) -> None:
    assert is_own_url(url, ("kcna.kp",)) is own


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://a.example/", True), ("http://www.a.example/", True), ("https://b.example:8443/", True),
        ("https://b.example/", False), ("http://b.example:80/", False),
    ],
)  # fmt: skip
def test_www_counts_as_no_name_of_its_own_and_a_port_counts(url: str, own: bool) -> None:
    assert is_own_url(url, ("www.a.example", "b.example:8443")) is own


def test_hosts_may_be_mapped_to_addresses() -> None:
    assert host_mapping(["WWW.kcna.kp=127.0.0.1:8080"]) == {"www.kcna.kp": "127.0.0.1:8080"}


@pytest.mark.parametrize("pair", ["kcna.kp", "kcna.kp=127.0.0.1", "=127.0.0.1:1", "a=b:c"])
def test_a_mapping_that_is_none_is_refused(pair: str) -> None:
    with pytest.raises(ValueError, match="NKWIRE_RESOLVE"):
        host_mapping([pair])


def test_a_missing_browser_is_told_with_what_to_do() -> None:
    with pytest.raises(NoBrowserError, match="NKWIRE_CHROMIUM"):
        find_executable("/nowhere/chromium")
