"""Reads the XML of feeds and sitemaps, also if it is not well-formed or not in its charset.

The prologue is dropped, and with it whatever a DOCTYPE
defines; so no entity is ever expanded, and nothing is fetched.
"""

import html
import re
from collections.abc import Iterator

from lxml import etree

from crawler.discovery.source_text import decode_source, source_head
from crawler.discovery.xml_balance import balance

_HEAD_BYTES = 16 * 1024
_MAX_MARKS = 250_000  # `&` and `<` in a document that needs repair; real ones have far fewer
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_KNOWN_ROOT = re.compile(
    r"<(?:[\w.-]{1,30}:)?(rss|feed|rdf|urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE
)
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|link|script|style|nav|main)\b", re.IGNORECASE
)
_ANY_ROOT = re.compile(r"<(?:[\w.-]{1,30}:)?([a-zA-Z_][\w.-]{0,60})")
# What may stand in XML; a reader stops at anything else.
_FORBIDDEN_CHARS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPAIRED = re.compile(
    r"(?P<cdata><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|(?P<dropped><!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE[^>]{0,500}>)"
    r"|(?P<text><(?![a-zA-Z_/])|<(?=[\w.-]{1,30}(?<![\x00-\x7f]))|\]\]>)"
    r"|&(?P<reference>#[0-9]{1,8};|#[xX][0-9a-fA-F]{1,7};|[a-zA-Z][a-zA-Z0-9]{1,31};)?",
    re.DOTALL,
)
# Dublin Core, Atom 0.3 and 1.0, RSS 0.90 and 1.0: by address, and by prefix if none declares it.
_FEED_NAMESPACES = re.compile(
    r"(?:https?://purl\.org/(?:dc/(?:elements|terms)\b.*|atom/ns#|rss/1\.0/?)"
    r"|https?://www\.w3\.org/2005/atom/?|https?://(?:my|channel)\.netscape\.com/rdf/.*"
    r"|dc|dcterms|atom|rss)",
    re.IGNORECASE,
)
_XML_REFERENCES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def parse_xml(body: bytes) -> "etree._Element | None":
    """Returns the root of an XML document, repaired if it is broken; None if that fails."""
    return parse_xml_text(decode_source(body, (), []))


def parse_xml_text(text: str) -> "etree._Element | None":
    """Returns the root of an XML document, repaired if it is broken; None if that fails."""
    root = parse_well_formed(text)
    return root if root is not None else parse_broken(text)


def parse_well_formed(text: str) -> "etree._Element | None":
    """Returns the root of an XML document; None if it is broken."""
    return _parse(_without_prologue(text), is_strict=True)


def parse_broken(text: str) -> "etree._Element | None":
    """Returns the root of a broken document, repaired; None if that fails."""
    document = _without_prologue(text)
    if document.count("&") + document.count("<") > _MAX_MARKS:
        return _parse(document, is_strict=False)  # whatever libxml2 makes of it
    document = repair(document)
    parsed = _parse(document, is_strict=True)
    return parsed if parsed is not None else _parse(balance(document), is_strict=False)


def _without_prologue(text: str) -> str:
    root = _KNOWN_ROOT.search(text, 0, _HEAD_BYTES) or _ANY_ROOT.search(text)
    return "" if root is None else text[root.start() :]


def root_name(body: bytes) -> str:
    """Returns the root element of a feed or sitemap, judged by its first bytes.

    The name has no prefix and is in lower case. Returns "" for HTML and for whatever else.
    """
    head = _COMMENT.sub("", source_head(body))
    root = _KNOWN_ROOT.search(head)
    if root is None:
        first = _ANY_ROOT.search(head)
        return "channel" if first and first[1].lower() == "channel" else ""
    page = _HTML.search(head)
    return "" if page and page.start() < root.start() else root[1].lower()


def split_name(element: "etree._Element") -> tuple[str, str]:
    """Returns an element's namespace and its name in lower case.

    The namespace is the prefix if nobody declared it, and "" if there is none.
    """
    namespace, _, name = str(element.tag).rpartition("}")
    if namespace:
        return namespace[1:], name.lower()
    prefix, _, name = name.rpartition(":")
    return prefix, name.lower()


def local_name(element: "etree._Element") -> str:
    """Returns an element's name without namespace and prefix, in lower case."""
    return split_name(element)[1]


def is_feed_namespace(namespace: str) -> bool:
    """Returns whether elements of a namespace describe a feed's entry itself.

    Those of others describe something beside it: a picture, a video, a podcast.
    """
    return _FEED_NAMESPACES.fullmatch(namespace) is not None


def element_text(element: "etree._Element") -> str:
    """Returns the text of an element and of all elements within it."""
    return "".join(str(part) for part in element.itertext())


def element_markup(element: "etree._Element") -> str:
    """Returns the text of an element with the start tags within it, as if it had been escaped."""
    if not len(element):
        return element.text or ""
    return "".join(_iter_markup(element))


def _iter_markup(element: "etree._Element") -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield f"<{str(child.tag).rpartition('}')[2]}>"
        yield from _iter_markup(child)
        yield child.tail or ""


def _parse(document: str, *, is_strict: bool) -> "etree._Element | None":
    parser = etree.XMLParser(
        recover=not is_strict,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(document.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def repair(document: str) -> str:
    """Returns a document in which each `&` and each `<` that is no markup stands for itself."""
    return _REPAIRED.sub(_repaired, _FORBIDDEN_CHARS.sub("", document))


def _repaired(match: re.Match[str]) -> str:
    if cdata := match["cdata"]:
        # A section that never ends belongs to an answer that is cut; nothing tells how it goes on.
        return cdata if cdata.endswith("]]>") else ""
    if match["dropped"]:
        return ""
    if text := match["text"]:
        return html.escape(text)
    reference = match["reference"] or ""
    if reference in _XML_REFERENCES:
        return f"&{reference}"
    char = html.unescape(f"&{reference}") if reference else ""
    if reference.startswith("#"):
        return html.escape(_FORBIDDEN_CHARS.sub("", char.replace("\ufffd", "")))
    return f"&amp;{reference}" if not char or char.startswith("&") else html.escape(char)
