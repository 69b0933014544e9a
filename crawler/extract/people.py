"""Names of authors, from the places where pages put them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.extract.outline import Outline, weight
from crawler.extract.page import Page
from crawler.extract.selecting import values
from crawler.extract.structured import Structured

_META = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator",
         "dcterms.creator", "citation_author", "authors", "cxenseparse:author", "byline",
         "article:author_name", "dable:author", "og:article:author")  # fmt: skip
_PLACES = ("[rel=author]", "a[href*='/author/']")
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:byline|by-line|authors?|reporters?|writers?|journalist|credit-name|contributor)",
    re.IGNORECASE,
)
_NOT_BYLINE = re.compile(
    r"bio|follow|social|image|photo|more|related|comment|desc|profile-text|news", re.IGNORECASE
)
_SPLIT = re.compile(
    r"\s*(?:,|;|、|·|・(?=\S{3})|\||/|&|\band\b|\bund\b|\by\b(?=\s[A-Z])|\bet\b|\bи\b|\n)\s*"
)
_BEFORE = re.compile(
    r"^(?:written |edited |reported |words |story |text )?(?:by|von|por|par|автор(?:ы)?|текст|작성자|기자|文|記者|记者)\b[:：]?\s*"
    r"|^(?:【|\[)|^(?:記者|记者|作者|责任编辑|編集)[:：／/]?\s*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:기자|특파원|선임기자|외 \d+명|記者|记者|特派員|特約記者|\(.*\)|（.*）|\[.*\]|<.*>|】|\S+@\S+"
    r"|,? ?(?:senior |staff |political |chief )?(?:reporter|correspondent|editor|staff writer|writer)"
    r"|корреспондент)\s*$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{3,}|^\W*$|^\d+$|\b(?:inc|ltd|gmbh|llc|corp)\b\.?|all rights|published|updated"
    r"|^(?:(?:senior|staff|chief|political|foreign) )?(?:correspondent|staff writer|writer|bureau chief)s?$"
    r"|^(?:admin|administrator|editor|staff|unknown|none|null|guest|webmaster|author|reporter|redaktion"
    r"|digital|online|news|staff reporter|web desk|news desk)$",
    re.IGNORECASE,
)
_KOREAN = re.compile(
    r"(?:^|[\s(\[=·])(?P<n>[가-힣]{2,4}) ?(?:선임)?(?:기자|특파원)(?=[\s=)\](<]|$|\S*@)"
)
_BY = re.compile(
    r"^(?:By|BY) (?P<n>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}(?:(?:,| and) [A-Z][^\n]{3,60})?)$"
)
# （北京=上地一姫） and 【寺町六花、原田啓之】 close a Japanese text, （记者王敬照） a Chinese one.
_JAPANESE = re.compile(
    r"[（【(](?P<n>(?:[一-鿿]{2,6}[=＝])?[一-鿿]{2,4}[一-鿿ぁ-んァ-ヶ]{0,4}(?:[、・,][一-鿿]{2,4}[一-鿿ぁ-んァ-ヶ]{0,4}){0,5})[）】)]$"
)
_CHINESE = re.compile(
    r"(?:记者|記者|作者|通讯员)[:： ]{0,2}(?P<n>[一-鿿]{2,4}(?:[、 ][一-鿿]{2,4}){0,4})[）)]"
)
_LONGEST = 60
_MOST = 12


@dataclass(frozen=True, slots=True)
class Authors:
    names: tuple[str, ...] = ()
    source: str = ""


def find_authors(
    page: Page, structured: Structured, site: Sequence[str], text: str, *, look: bool = True
) -> Authors:
    """Give the people who wrote the article; the outlet itself is not an author.

    `look`: search the page for a printed byline too, where its metadata name nobody.
    """
    ours = {_plain(name) for name in (*site, *structured.publishers)}
    for source, found in _claims(page, structured, text, look):
        names = tuple(
            name
            for name in clean_names(_people(found, [*site, *structured.publishers]))
            if not _is_ours(name, ours)
        )
        if names:
            return Authors(names[:_MOST], source)
    return Authors()


def clean_names(found: Iterable[str]) -> tuple[str, ...]:
    """Divide bylines into names and strip what is no part of a name."""
    names: dict[str, str] = {}
    for text in found:
        if text.strip().startswith(("http", "//", "@")):
            continue
        for part in _SPLIT.split(_BEFORE.sub("", text.strip())):
            name = _stripped(part)
            if 1 < len(name) <= _LONGEST and not _NO_NAME.search(name):
                names.setdefault(_plain(name), name)
    return tuple(names.values())


def _people(found: Iterable[str], site: Sequence[str]) -> Iterator[str]:
    """Cut the outlet's name behind a person's: "Anna Harbour, Coastal Courier"."""
    for text in found:
        for name in filter(None, site):
            text = re.sub(rf"[\s.,|/-]+{re.escape(name)}.{{0,20}}$", "", text, flags=re.IGNORECASE)
        yield text


def _stripped(name: str) -> str:
    name = _BEFORE.sub("", name.strip(" \t-–—|·:：=,."))
    for _ in range(3):
        shorter = _AFTER.sub("", name).strip(" \t-–—|·:：=,")
        if shorter == name or not shorter:
            break
        name = shorter
    return name


def _claims(
    page: Page, structured: Structured, text: str, look: bool
) -> Iterator[tuple[str, Iterable[str]]]:
    yield "json-ld author", structured.authors
    for name in _META:
        yield f"meta {name}", page.meta.get(name, ())
    if page.meta.get("twitter:label1", [""])[0].lower() in ("written by", "by", "作者", "執筆者"):
        yield "meta twitter:data1", page.meta.get("twitter:data1", ())
    yield "json-ld creator", structured.creators
    if look:
        yield "element byline", list(_printed(page.outline, text))
    for place in _PLACES:
        found = [name for name in values(page.tree, place) if weight(name) <= 120]
        yield f"element {place}", found[:4]
    yield "byline in the text", list(_bylines(text))


def _printed(outline: Outline, text: str) -> Iterator[str]:
    """Short lines that are bylines, by their element's name or their words, above the text."""
    opening = text.split("\n", 1)[0][:200]
    for block in outline.blocks:
        if opening and block.text.startswith(opening):
            return
        if block.weight > 140:
            continue
        if _BY.match(block.text) or (_KOREAN.search(block.text) and block.weight < 40):
            yield block.text
            continue
        names = [outline.elements[index].names for index in outline.ancestors(block.element)][:3]
        if any(_BYLINE.search(name) and not _NOT_BYLINE.search(name) for name in names):
            yield block.text.replace("\n", ", ")


def _bylines(text: str) -> Iterator[str]:
    """A line "By Name" at the start, a Korean reporter's name at the start or the end."""
    lines = text.split("\n")
    for line in lines[:3]:
        if found := _BY.match(line):
            yield found["n"]
    for line in (*lines[:2], *lines[-2:]):
        if found := _KOREAN.search(line[-80:] if line is lines[-1] else line[:80]):
            yield found["n"]
            return
    for line, form in ((lines[-1], _JAPANESE), (lines[0][:80], _CHINESE), (lines[-1], _CHINESE)):
        if found := form.search(line):
            yield found["n"]
            return


def _is_ours(name: str, ours: set[str]) -> bool:
    plain = _plain(name)
    return any(plain == our or (len(our) > 2 and our in plain) for our in ours if our)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
