"""Refuses literal non-public addresses, unusual ports and schemes other than http(s)."""

from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.crawl.causes import Cause, ForbiddenRequestError
from crawler.crawl.session import Session
from crawler.middlewares.networks import AllowedNetworks, literal_ip
from storage.counts import Count


class AddressGuard:
    """Checks the URL of each request before it is sent.

    Host names are checked when they are resolved (resolver.py). Allowed ports are those of
    NKWIRE_PORTS, and those in the outlet's `hosts`.
    """

    def __init__(self, session: Session, networks: AllowedNetworks, ports: frozenset[int]) -> None:
        self._session = session
        self._networks = networks
        self._ports = ports

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "AddressGuard":
        session = Session.of(crawler)
        settings = crawler.settings
        outlet_ports = (host.partition(":")[2] for host in session.outlet.hosts)
        ports = {int(port) for port in (*settings.getlist("NKWIRE_PORTS"), *outlet_ports) if port}
        networks = AllowedNetworks(tuple(settings.getlist("NKWIRE_ALLOW_ADDRESSES")))
        return cls(session, networks, frozenset(ports))

    count = Count.REJECT_ADDRESS

    def process_request(self, request: Request) -> None:
        """Raises ForbiddenRequestError for a URL that must not be fetched."""
        if error := self.refusal(request):
            self._session.count(self.count)
            raise error

    def refusal(self, request: Request) -> ForbiddenRequestError | None:
        """Returns why a request may not be sent; None if it may."""
        if request.meta.get("recorded"):
            return None
        reason = forbidden_reason(request.url, self._networks, self._ports)
        return ForbiddenRequestError(Cause.ERROR, reason) if reason else None


def forbidden_reason(url: str, networks: AllowedNetworks, ports: frozenset[int]) -> str:
    """Returns why a URL must not be fetched; "" if it may."""
    try:
        parts = urlsplit(url)
        port = {"http": 80, "https": 443}.get(parts.scheme, 0) if parts.port is None else parts.port
        host = parts.hostname or ""
    except ValueError:
        return f"not an address: {url[:200]}"
    if parts.scheme not in ("http", "https"):
        return f"scheme {parts.scheme!r} is not fetched"
    if port not in ports:
        return f"port {port} is not fetched from"
    address = literal_ip(host)
    if address and not networks.permits(address):
        return f"{address} is not a public address"
    return ""
