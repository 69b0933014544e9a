"""Chooses the address of a feed's entry among its links and identifiers."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.discovery.listed_text import clean_address
from crawler.discovery.xml_source import element_text, is_feed_namespace, local_name, split_name
from crawler.extract.urls import host_of

if TYPE_CHECKING:
    from lxml import etree

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_PAGE_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
_SCHEMES = ("http://", "https://")


def entry_url(entry: "etree._Element", base: str) -> str:
    """Returns the address of an entry's article; "" if it has none.

    The order: the original of a counted link (FeedBurner), a link to a page, any other alternate
    link, then an identifier that is an address. A relative address is resolved against `xml:base`,
    else against `base`; it stays relative if both are missing.
    """
    originals = [child for child in entry if local_name(child) == "origlink"]
    links = [
        child for child in entry if local_name(child) == "link" and _is_feed_link(child, entry)
    ]
    # An entry's own links come first: Atom's link within RSS is a second way to say it.
    links.sort(key=lambda link: split_name(link)[0] not in ("", split_name(entry)[0]))
    links.sort(key=lambda link: _media_type(link) not in _PAGE_TYPES)
    for element in [*originals, *links]:
        if address := _link_address(element):
            return _resolve(address, element, base)
    return _identifier(entry, base)


def site_base(root: "etree._Element", url: str) -> str:
    """Returns the site's address that an RSS channel names, if the feed lies on another host.

    Relative links of a feed on another host, such as a feed service, belong to the site. Returns ""
    if the feed lies on the site itself.
    """
    if local_name(root) == "feed" or not url:
        return ""
    channel = next((each for each in root.iter() if local_name(each) == "channel"), root)
    links = (_link_address(child) for child in channel if local_name(child) == "link")
    address = next((link for link in links if link.startswith(_SCHEMES)), "")
    return address if address and host_of(address) != host_of(url) else ""


def _is_feed_link(link: "etree._Element", entry: "etree._Element") -> bool:
    namespace = split_name(link)[0]
    is_known = namespace in ("", split_name(entry)[0]) or is_feed_namespace(namespace)
    # The relation may be a full address of IANA's registry.
    relation = (link.get("rel") or "alternate").strip().lower().rpartition("/")[2]
    return is_known and relation == "alternate"


def _media_type(link: "etree._Element") -> str:
    return str(link.get("type", "")).partition(";")[0].strip().lower()


def _link_address(link: "etree._Element") -> str:
    address = (link.get("href") or element_text(link)).strip()
    if not address and (link.tail or "").strip().startswith(_SCHEMES):
        address = link.tail.split()[0]  # `<link/>https://...`, written by an HTML program
    return clean_address(address)


def _identifier(entry: "etree._Element", base: str) -> str:
    for child in entry:
        name = local_name(child)
        if name not in ("guid", "id"):
            continue
        address = element_text(child).strip()
        permanent = {key.lower(): value.strip().lower() for key, value in child.attrib.items()}.get(
            "ispermalink", ""
        )
        if permanent == "true" or (permanent != "false" and address.startswith(_SCHEMES)):
            return _resolve(clean_address(address), child, base)
    # RSS 1.0 names the item by its address: `rdf:about`.
    about = (value for key, value in entry.attrib.items() if re.split("[}:]", key)[-1] == "about")
    return _resolve(clean_address(next(about, "")), entry, base)


def _resolve(address: str, element: "etree._Element", base: str) -> str:
    bases = [each.get(_XML_BASE, "") for each in (element, *element.iterancestors())]
    for each in (base, *reversed(bases)):
        base = _join(base, each)
    return _join(base, address)


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if base and address else address or base
    except ValueError:
        return address
