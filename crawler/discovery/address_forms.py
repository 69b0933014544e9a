"""Reads the form of an address: what its parts are, without what they say.

The articles of a site have addresses of one form, `/world/2026/07/19/lantern-office-opens`, and its
sections, authors and tags have others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_EXTENSION = re.compile(r"\.([a-z]{2,5})$", re.IGNORECASE)
_DAY = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-/_.]?(?:0[1-9]|1[0-2])(?:[-/_.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_SHORT_DAY = re.compile(r"(?<!\d)\d\d/(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")  # 26/0719
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(
    r"(?<![a-z0-9])(?=[a-z]*\d)(?=\d*[a-z])(?![a-z]+\d{1,4}(?![a-z0-9]))[a-z0-9]{8,}", re.IGNORECASE
)
MIN_LONG_NUMBER = 5  # digits; years have fewer
MIN_NUMBER = 2  # digits; most page numbers have fewer
MIN_SLUG_WORDS = 3


@dataclass(frozen=True, slots=True)
class AddressForm:
    """The parts of an address.

    `exact`: host, folders and the kind of the last segment, `news.example/world/<day>/<slug>`.
    `folder`: the same without the last segment. `coarse`: the kinds only, `<word>/<day>/<slug>`.
    `digits`: length of the longest number outside of dates. `slug_words`: words of the longest
    segment that has several.
    """

    exact: str
    folder: str
    coarse: str
    has_day: bool
    has_code: bool
    digits: int
    slug_words: int

    @property
    def is_front_page(self) -> bool:
        """Whether the address has neither a path nor a parameter that names anything."""
        return self.coarse == "."

    @property
    def has_mark(self) -> bool:
        """Whether something in the address can tell one article from another."""
        is_named = self.digits >= MIN_NUMBER or self.slug_words >= MIN_SLUG_WORDS
        return self.has_day or self.has_code or is_named


def read_form(url: str) -> AddressForm:
    """Returns the form of an absolute address. Raises ValueError for one that is invalid."""
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    extension = ""
    if match := _EXTENSION.search(path):
        extension, path = match[1].lower(), path[: match.start()]
    plain = _SHORT_DAY.sub("~", _DAY.sub("~", path))
    segments = [segment for segment in plain.split("/") if segment]
    kinds = [_kind(segment) for segment in segments]
    names = [
        segment.lower() if kind == "<word>" else kind
        for segment, kind in zip(segments, kinds, strict=True)
    ]
    query_kinds = sorted(_iter_query_kinds(parts.query))
    query = "?" + "&".join(query_kinds) if query_kinds else ""
    host = (parts.hostname or "").removeprefix("www.")
    folder = "/".join([host, *names[:-1]])
    if query_kinds:
        folder, last = "/".join([host, *names]), ""
    else:
        last = kinds[-1] if kinds else ""
    id_text = f"{plain}?{'&'.join(value for _, value in _iter_query_ids(parts.query))}"
    return AddressForm(
        exact=f"{folder}/{last}.{extension}{query}",
        folder=folder,
        coarse="/".join(kinds) + f".{extension}{query}",
        has_day="~" in plain or any(kind.endswith("<day>") for kind in query_kinds),
        has_code=any("<code>" in kind for kind in (*kinds, *query_kinds)),
        digits=max(map(len, _NUMBER.findall(id_text)), default=0),
        slug_words=max((len(_WORD.findall(segment)) for segment in segments[-2:]), default=0),
    )


def _kind(segment: str) -> str:
    if "~" in segment:
        return "<day>"
    if segment.isdigit():
        return "<number>" if len(segment) >= MIN_NUMBER else "<digits>"
    if _CODE.search(segment):
        return "<code>"
    words = len(_WORD.findall(segment))
    if any(len(number) >= MIN_LONG_NUMBER for number in _NUMBER.findall(segment)):
        return "<slug-number>" if words >= MIN_SLUG_WORDS else "<number>"
    return "<slug>" if words >= MIN_SLUG_WORDS else "<word>"


def _iter_query_ids(query: str) -> Iterator[tuple[str, str]]:
    """Yields the parameters whose value can name an article: a number, a day or a code."""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        has_number = any(len(number) >= MIN_NUMBER for number in _NUMBER.findall(value))
        if has_number or _CODE.search(value):
            yield name, value


def _iter_query_kinds(query: str) -> Iterator[str]:
    for name, value in _iter_query_ids(query):
        yield f"{name}=<number>" if value.isdigit() else f"{name}={_kind(_DAY.sub('~', value))}"
