"""Refuses host names with non-public addresses; checks the same address that is connected to."""

import logging
from collections.abc import Sequence
from typing import Any

from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver, HostResolution
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress

from crawler.config.values import host_mapping
from crawler.middlewares.networks import AllowedNetworks

log = logging.getLogger(__name__)


class _AddressFilter:
    """Passes on permitted addresses only, so that nothing else can be connected to."""

    def __init__(self, receiver: Any, host: str, networks: AllowedNetworks) -> None:
        self._receiver = receiver
        self._host = host
        self._networks = networks

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        ip = getattr(address, "host", "")
        if self._networks.permits(ip):
            self._receiver.addressResolved(address)
        else:
            log.warning("%s resolves to %s, which is not public: refused", self._host, ip)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Resolves host names to permitted IPv4 and IPv6 addresses, with a cache.

    A name in NKWIRE_RESOLVE is mapped without DNS.
    """

    def __init__(
        self,
        reactor: ReactorBase,
        cache_size: int,
        networks: AllowedNetworks,
        mapping: dict[str, str],
    ) -> None:
        super().__init__(reactor, cache_size)
        self._networks = networks
        self._mapped_hosts = mapping

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "GuardedResolver":
        settings = crawler.settings
        return cls(
            reactor,
            settings.getint("DNSCACHE_SIZE"),
            AllowedNetworks(tuple(settings.getlist("NKWIRE_ALLOW_ADDRESSES"))),
            host_mapping(settings.getlist("NKWIRE_RESOLVE")),
        )

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """Resolves a name, as Twisted's IHostnameResolver asks for."""
        if target := self._mapped_hosts.get(hostName.lower()):
            return _resolve_to(resolutionReceiver, hostName, target)
        receiver: Any = _AddressFilter(resolutionReceiver, hostName, self._networks)
        return super().resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


def _resolve_to(receiver: Any, host: str, target: str) -> Any:
    address, _, port = target.rpartition(":")
    kind = IPv6Address if ":" in address else IPv4Address
    resolution = HostResolution(host)
    receiver.resolutionBegan(resolution)
    receiver.addressResolved(kind("TCP", address.strip("[]"), int(port)))
    receiver.resolutionComplete()
    return resolution
