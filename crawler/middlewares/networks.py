"""Decides which network addresses may be connected to: public ones, and those that are allowed."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton
from unicodedata import normalize

Address = IPv4Address | IPv6Address
# IANA's registries of special addresses (RFC 6890) and multicast. Pythons differ in what they know.
_SPECIAL_IPV4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_GLOBAL_IPV6 = IPv6Network("2000::/3")  # IANA has given out no other addresses for hosts
# Protocols with Teredo, documentation, and 6to4, whose addresses hold others.
_SPECIAL_IPV6 = tuple(
    IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64_PREFIX = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # RFC 5214, 6.1: before an IPv4 address


@dataclass(frozen=True, slots=True)
class AllowedNetworks:
    """Networks that are allowed although they are not public, such as `127.0.0.0/8`."""

    allowed: tuple[str, ...] = ()

    def permits(self, address: str) -> bool:
        """Returns whether an IP address may be connected to; False for any other text."""
        try:
            ip = embedded_ipv4(ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        return is_public(ip) or any(ip in ip_network(net, strict=False) for net in self.allowed)


def embedded_ipv4(ip: Address) -> Address:
    """Returns the IPv4 address that a mapped or NAT64 one leads to (RFC 4291, 6052), else `ip`."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64_PREFIX else ip


def is_public(ip: Address) -> bool:
    """Returns whether an address is public by IANA's registries of special addresses."""
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _SPECIAL_IPV4)
    if ip not in _GLOBAL_IPV6 or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(ip in network for network in _SPECIAL_IPV6)


def literal_ip(host: str) -> str:
    """Returns the IP address that a host name spells out; "" if it is a real name.

    `2130706433` and `0177.0.0.1` are addresses too, also in wide digits and with other dots.
    """
    name = normalize("NFKC", host).replace("\u3002", ".").strip("[]").partition("%")[0].rstrip(".")
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    if not name or not set(name.lower()) <= set("0123456789abcdefx."):
        return ""
    try:
        return str(IPv4Address(inet_aton(name)))  # as libc and therefore browsers read it
    except OSError:
        return ""
