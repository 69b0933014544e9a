"""Decides which network addresses may be connected to: public ones, and those that are allowed."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton

Address = IPv4Address | IPv6Address
# Reserved by IANA, but not every supported Python knows it.
_SPECIAL_NETWORKS = tuple(
    ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "2001:db8::/32", "3fff::/20", "5f00::/16")
)
_NAT64_PREFIXES = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


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
    """Returns the IPv4 address inside a mapped, 6to4, Teredo or NAT64 one, else `ip` itself."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    if any(ip in network for network in _NAT64_PREFIXES) or (int(ip) >> 32 == 0 and int(ip) > 1):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def is_public(ip: Address) -> bool:
    """Returns whether an address is public by IANA's registries of special addresses."""
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified
    return ip.is_global and not special and not any(ip in network for network in _SPECIAL_NETWORKS)


def literal_ip(host: str) -> str:
    """Returns the IP address that a host name spells out; "" if it is a real name.

    `2130706433` and `0177.0.0.1` are addresses too.
    """
    name = host.strip("[]").partition("%")[0]
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
