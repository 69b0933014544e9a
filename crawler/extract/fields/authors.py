"""Finds the names of authors, in metadata, bylines and scripts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.extract.body.body import letters_only
from crawler.extract.dates.months import MONTH_PATTERN
from crawler.extract.fields import bylines
from crawler.extract.page.css_select import iter_values
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData

_META = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator",
         "dcterms.creator", "citation_author", "authors", "cxenseparse:author", "byline",
         "article:author_name", "dable:author", "og:article:author")  # fmt: skip
_PLACES = ("[rel=author]", "a[href*='/author/']")
_SPLIT = re.compile(
    r"\s*(?:,|;|、|·|・(?=\S{3})|\||/|&|\band\b|\bund\b|\by\b(?=\s[A-Z])|\bet\b|\bи\b|\n)\s*"
)
_BYLINE_PREFIX = re.compile(
    r"^(?:written |edited |reported |words |story |text )?(?:by|von|por|par|автор(?:ы)?|текст|작성자|기자명?|글쓴이|文|記者|记者)\b[:：]?\s*"
    r"|^(?:【|\[)|^(?:記者|记者|作者)[:：／/]?\s*|^(?:글|사진|취재|영상|取材|文|写真)(?:[·ㆍ・]|[:：=／/ ])\s*"
    r"|^[가-힣]{2,5}[=＝](?=[가-힣])",
    re.IGNORECASE,
)
_BYLINE_SUFFIX = re.compile(
    r"\s*(?:기자|특파원|선임기자|외 \d+명|記者|记者|特派員|特約記者|\(.*\)|（.*）|\[.*\]|<.*>|】|\S+@\S+"
    r"|,? ?(?:senior |staff |political |chief |foreign |deputy )*(?:reporter|correspondent|editor|staff writer|writer|columnist|(?:news )?intern|producer)"
    r"|\bin [A-Z].*|\b(?:published|updated|posted|opublikowano|опубликовано)\b.*|\b(?:avec|mit|con|with) \S+"
    rf"|[\s,|·-]\b(?:{MONTH_PATTERN})\b\.? ?\d.*|\s\d.*|,? ?корреспондент|,? ?обозреватель)\s*$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{3,}|^\W*$|^\d+$|\b(?:inc|ltd|gmbh|llc|corp)\b\.?|all rights|published|updated|责任编辑|責任編輯|责编"
    r"|^(?:(?:senior|staff|chief|political|foreign|deputy|special|the|world|asia) ?)*(?:correspondents?|staff(?: writers?| reporters?)?"
    r"|writers?|bureau chief|reporters?|editors?(?: in chief)?)?$"
    r"|^(?:admin\w*|unknown|none|null|guest|webmaster|author|digital|online|news|newsroom|[\w ]{0,20}\b(?:desk|team|staff|newsroom)"
    r"|(?:die |la |the )?(?:redaktion|redacción|redaccion|rédaction|redação|redazione|editorial(?: board)?|редакция)"
    r"|.{0,12}(?:编辑部|編輯部|編集部|小编)|[가-힣]{0,8}(?:팀|뉴스부|편집부|편집국|보도국|정치부|경제부|사회부|국제부|문화부))$",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r"^(?:the )?(?:reuters|ap|afp|associated press|agence france[- ]presse|upi|efe|dpa|ani|ians|pti|ansa|bloomberg|kcna"
    r"|xinhua|kyodo|yonhap|tass|тасс|риа новости|интерфакс|연합뉴스|뉴시스|뉴스1|조선중앙통신|新华社|新華社|中新社|共同|時事"
    r"|共同通信社?|時事通信社?|朝鮮中央通信|ロイター|agencias?|agenturen|agences?)\b.{0,16}$"
    r"|\b(?:news|agency|media|press|newspapers?|times|television|radio)$|(?:뉴스|일보|신문|방송|통신|新聞社?|新闻|通信社?|日报|日報|网|網)$",
    re.IGNORECASE,
)
# "Anna Harbour. Coastal International", but neither "Prof. Anna" nor "Anna J. Harbour".
_ORGANISATION = re.compile(r"(?<=[a-zà-ÿ]{3})\. [A-Z].*$")
_MAX_NAME_CHARS = 60
_MAX_AUTHORS = 12


@dataclass(frozen=True, slots=True)
class Authors:
    """The names of authors, and the place where they were found."""

    names: tuple[str, ...] = ()
    source: str = ""


def find_authors(
    page: Page,
    structured: StructuredData,
    site_names: Sequence[str],
    text: str,
    *,
    search_page: bool = True,
) -> Authors:
    """Returns the people who wrote the article, else the agency; never the outlet itself.

    `site_names`: names of the outlet. `search_page`: also searches bylines printed on the page and
    authors in scripts.
    """
    own_names = {letters_only(name) for name in (*site_names, *structured.publishers)}
    agency = Authors()
    for source, found in _iter_bylines_by_source(page, structured, text, search_page):
        names = tuple(
            name
            for name in clean_names(
                _remove_site_names(found, [*site_names, *structured.publishers])
            )
            if not _is_site_name(name, own_names)
        )
        if people := tuple(name for name in names if not _AGENCY.search(name)):
            return Authors(people[:_MAX_AUTHORS], source)
        if names and not agency.names:
            agency = Authors(names[:_MAX_AUTHORS], source)
    return agency


def clean_names(byline_texts: Iterable[str]) -> tuple[str, ...]:
    """Splits bylines into names and removes what is not part of a name, such as roles."""
    names: dict[str, str] = {}
    for text in byline_texts:
        if text.strip().startswith(("http", "//", "@")):
            continue
        for part in _SPLIT.split(_BYLINE_PREFIX.sub("", text.strip())):
            name = _strip_name(part)
            if names and name != part.strip() and name.isascii() and " " not in name:
                continue  # "Seoul" of "Anna Harbour, Seoul correspondent"
            if 1 < len(name) <= _MAX_NAME_CHARS and not _NOT_A_NAME.search(name):
                names.setdefault(letters_only(name), name)
    return tuple(names.values())


def _remove_site_names(found: Iterable[str], site_names: Sequence[str]) -> Iterator[str]:
    """Removes the outlet's name after a person's: "Anna Harbour, Coastal Courier"."""
    for text in found:
        for name in filter(None, site_names):
            text = re.sub(
                rf"(?:^(?:the )?|[\s.,|/-]+){re.escape(name)}.{{0,20}}$",
                "",
                text,
                flags=re.IGNORECASE,
            )
        yield text


def _strip_name(name: str) -> str:
    name = _BYLINE_PREFIX.sub("", name.strip(" \t-–—|·:：=,."))
    if " " in name.partition(".")[0]:
        name = _ORGANISATION.sub("", name)
    for _ in range(3):
        shorter = _BYLINE_SUFFIX.sub("", name).strip(" \t-–—|·:：=,")
        if shorter == name or not shorter:
            break
        name = shorter
    return name


def _iter_bylines_by_source(
    page: Page, structured: StructuredData, text: str, search_page: bool
) -> Iterator[tuple[str, Iterable[str]]]:
    yield "json-ld author", structured.authors
    for name in _META:
        yield f"meta {name}", page.meta.get(name, ())
    if page.meta.get("twitter:label1", [""])[0].lower() in ("written by", "by", "作者", "執筆者"):
        yield "meta twitter:data1", page.meta.get("twitter:data1", ())
    yield "json-ld creator", structured.creators
    if search_page:
        yield "element byline", list(bylines.iter_printed_bylines(page.outline, text))
    for selector in _PLACES:
        found = [name for name in iter_values(page.tree, selector) if text_weight(name) <= 120]
        yield f"element {selector}", found[:4]
    yield "byline in the text", list(bylines.iter_bylines_in_text(text))
    if search_page:
        yield "script", list(bylines.iter_authors_in_scripts(page.html))


def _is_site_name(name: str, own_names: set[str]) -> bool:
    letters = letters_only(name)
    return any(
        letters == own_name or (len(own_name) > 2 and own_name in letters)
        for own_name in own_names
        if own_name
    )
