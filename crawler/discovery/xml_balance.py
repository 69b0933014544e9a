"""Makes the tags of a feed or sitemap nest, so that one fault does not cost all that follows."""

import re
from xml.sax.saxutils import quoteattr

MAX_DEPTH = 200  # a parser reads 256

_TOKEN = re.compile(
    r"(?P<cdata><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|<(?P<close>/)?(?P<name>[a-zA-Z_][\w.-]*+(?::[a-zA-Z_][\w.-]*+)?)"
    r"(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>"
    r"|(?P<stray><)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"(?<![\w.:-])([a-zA-Z_][\w.:-]*+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))"
)
_PARTIAL_TAG = re.compile(r"<[^<>]*\Z")
_ENTRIES = frozenset({"item", "entry", "url", "sitemap"})
# Fields that hold a text and no other field.
_LEAVES = frozenset({"title", "link", "guid", "id", "pubdate", "published", "updated", "loc", "lastmod",
           "publication_date", "category"})  # fmt: skip
# What is wrong if its end is missing.
_CUT = (_LEAVES | _ENTRIES) - {"title", "category"}


def balance(document: str) -> str:
    """Returns a document in which each start tag has its end tag.

    An end tag closes the nearest open element of its name, in either case; without one it is left
    out. Entries do not nest, and neither do the short texts in them. An address or a date that
    ends with the document is left out: the answer is cut there, and half of it is wrong.
    """
    whole = _PARTIAL_TAG.sub("", document)
    return _Balancer().balance(whole, is_cut_in_text=len(whole) == len(document))


def closing_tags(document: str) -> str:
    """Returns the end tags that the start of a document lacks, the innermost first."""
    return _Balancer().missing_end(document)


class _Balancer:
    def __init__(self) -> None:
        self._tags: list[str] = []  # the open ones, as written
        self._names: list[str] = []  # the same, in lower case
        self._pieces: list[str] = []

    def balance(self, document: str, *, is_cut_in_text: bool) -> str:
        pieces, end = self._pieces, self._read(document)
        if not (is_cut_in_text and self._names and self._names[-1] in _CUT):
            pieces.append(document[end:])
        if self._names:
            self._close(self._names[0])
        return "".join(pieces)

    def missing_end(self, document: str) -> str:
        self._read(document)
        return "".join(f"</{tag}>" for tag in reversed(self._tags))

    def _read(self, document: str) -> int:
        """Reads all tags; returns the offset behind the last one."""
        pieces, end = self._pieces, 0
        for token in _TOKEN.finditer(document):
            pieces.append(document[end : token.start()])
            end = token.end()
            cdata, close, name, attributes, _ = token.groups()
            if name:
                if close:
                    self._close(name.lower())
                else:
                    self._open(name, attributes)
            else:
                pieces.append(cdata or "&lt;")
        return end

    def _open(self, tag: str, attributes: str) -> None:
        name = tag.lower()
        if name in _ENTRIES:
            self._close(name)
        elif name in _LEAVES and self._names and self._names[-1] in _LEAVES:
            self._close(self._names[-1])
        # The last one of two attributes of one name is dropped, as browsers do.
        values: dict[str, str] = {}
        for key, double, single, bare in _ATTRIBUTE.findall(attributes) if attributes else ():
            values.setdefault(key, double or single or bare.removesuffix("/"))
        written = "".join(f" {key}={_quote(value)}" for key, value in values.items())
        if attributes.endswith("/") or (name == "link" and "href" in values):
            self._pieces.append(f"<{tag}{written}/>")
        elif len(self._names) < MAX_DEPTH:
            self._tags.append(tag)
            self._names.append(name)
            self._pieces.append(f"<{tag}{written}>")

    def _close(self, name: str) -> None:
        """Closes the nearest open element of a name, and all within it."""
        if name not in self._names:
            return
        while self._names.pop() != name:
            self._pieces.append(f"</{self._tags.pop()}>")
        self._pieces.append(f"</{self._tags.pop()}>")


def _quote(value: str) -> str:
    return quoteattr(value).replace("&amp;", "&")  # references are escaped already
