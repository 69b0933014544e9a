"""Declares the names that other systems give to our fields, as a table. No I/O.

The names are those of pandas, Excel, Media Cloud, news-please, Fundus, Nexis, schema.org, of
BIGKinds (in Korean) and of Factiva (codes of two letters).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from storage.importers.missing_values import is_missing

_BETWEEN_WORDS = re.compile(r"[\s_.-]+")
_EDGE = "\ufeff\"' \t\r\n\xa0"


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The names of one field.

    `own`: those that `jsonl_reader` reads, the first is ours. `others`: tried in order, only if a
    row has none of `own`.
    """

    own: tuple[str, ...]
    others: tuple[str, ...] = ()


FIELD_NAMES = (
    FieldNames(
        ("url",),
        (
            "link",
            "article_url",
            "page_url",
            "source_url",
            "web_url",
            "permalink",
            "href",
            "uri",
            "주소",
            "링크",
            "원문_url",
            "链接",
            "網址",
            "网址",
            "ссылка",
        ),
    ),
    FieldNames(
        ("title",),
        (
            "headline",
            "article_title",
            "heading",
            "제목",
            "뉴스_제목",
            "기사_제목",
            "标题",
            "標題",
            "タイトル",
            "見出し",
            "заголовок",
        ),
    ),
    FieldNames(
        ("text", "maintext"),
        (
            "body",
            "content",
            "full_text",
            "fulltext",
            "article_text",
            "article_body",
            "articlebody",
            "main_text",
            "body_text",
            "plain_text",
            "plaintext",
            "article",
            "본문",
            "뉴스_본문",
            "기사_본문",
            "내용",
            "正文",
            "内容",
            "內容",
            "本文",
            "текст",
        ),
    ),
    FieldNames(
        ("published_at", "date_publish", "publish_date"),
        (
            "publishing_date",
            "published",
            "publication_date",
            "published_date",
            "date_published",
            "datepublished",
            "pub_date",
            "pubdate",
            "publication_datetime",
            "date",
            "datetime",
            "일자",
            "날짜",
            "日期",
            "日付",
            "дата",
        ),
    ),
    FieldNames(("modified_at", "date_modify"), ("datemodified", "date_modified", "last_modified")),
    FieldNames(("first_seen_at",)),
    FieldNames(
        ("outlet", "media_name"),
        (
            "publisher",
            "publication",
            "publication_name",
            "source_name",
            "newspaper",
            "outlet_name",
            "source",
            "언론사",
            "매체",
            "매체명",
            "媒体",
            "媒體",
            "来源",
            "來源",
            "媒体名",
            "источник",
        ),
    ),
    FieldNames(("lead_text", "lead", "description"), ("summary", "abstract", "hlead")),
    FieldNames(("section",), ("category", "section_name", "통합_분류1")),
    FieldNames(("language",), ("lang", "language_code", "언어")),
    FieldNames(("authors",), ("author", "byline", "by_line", "기고자", "기자", "作者", "автор")),
    FieldNames(("tags",), ("keywords", "topics", "키워드", "关键词", "關鍵詞")),
    FieldNames(
        ("external_id", "id", "stories_id"),
        ("article_id", "news_id", "accession_number", "뉴스_식별자", "뉴스식별자"),
    ),
    FieldNames(("captions",)),
)

OWN_NAMES: Mapping[str, tuple[str, ...]] = {field.own[0]: field.own for field in FIELD_NAMES}
"""The names that `jsonl_reader` reads, by the first one."""

LIST_FIELDS = ("authors", "tags", "captions")

FACTIVA_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("hd",),
    "text": ("lp", "td"),
    "published_at": ("pd",),
    "outlet": ("sn",),
    "section": ("se",),
    "language": ("la",),
    "authors": ("by",),
    "external_id": ("an",),
}
"""Codes of Factiva: the lead and the rest of a text are apart. Meant so only beside a headline `HD`."""

_BIGKINDS_IDS = ("뉴스_식별자", "뉴스식별자")
_BIGKINDS_ID = re.compile(r"\d{8}\.\d{17}")
_BIGKINDS_PAGE = "https://www.bigkinds.or.kr/v2/news/newsDetailView.do?newsId={}"
_FACTIVA_ID = re.compile(r"(?:Document )?([A-Za-z0-9_-]{10,40})")
_FACTIVA_PAGE = "https://global.factiva.com/redir/default.aspx?P=sa&an={}&cat=a&ep=ASE"

_FUNDUS_NAMES = frozenset({"body", "html"})  # the address is in `html`

_KEPT_NAMES = ("page_class", "dateline", "content_sha256", "identity", "canonical_url", "key")
_KNOWN = frozenset(
    [
        *(name for field in FIELD_NAMES for name in (*field.own, *field.others)),
        *(name for names in FACTIVA_NAMES.values() for name in names),
        *_KEPT_NAMES,
        *_FUNDUS_NAMES,
    ]
)
_OTHER_NAMES = _KNOWN.difference(name for field in FIELD_NAMES for name in field.own)
_TEXT_ONLY = ("url", "text")
_MAX_NAME_CHARS, _CACHED_NAMES = 100, 4096


def plain_name(name: str) -> str:
    """Returns the name of a column without case, marks and spaces around: `Pub Date` is `pub_date`."""
    return _BETWEEN_WORDS.sub("_", name.strip(_EDGE).casefold()).strip("_")


@lru_cache(_CACHED_NAMES)
def _known_name(name: str) -> str:
    plain = plain_name(name)
    return plain if plain in _KNOWN else ""


def known_name(name: str) -> str:
    """Returns the plain name if the table above or our import has it, else ""."""
    return _known_name(name) if len(name) <= _MAX_NAME_CHARS else ""


def count_known(names: Iterable[str]) -> int:
    """Returns how many of the names of columns are known."""
    return sum(1 for name in names if known_name(name))


def has_needed_fields(names: Iterable[str]) -> bool:
    """Returns whether articles can be made of these columns: an address, and a title or a text.

    An export that was made without texts has their hash, and Fundus the address in `html`.
    """
    known = {known_name(name) for name in names}
    if known >= _FUNDUS_NAMES:
        return True
    by_field = {field.own[0]: known.intersection(field.own + field.others) for field in FIELD_NAMES}
    is_factiva = "hd" in known
    has_address = by_field["url"] or known.intersection(_BIGKINDS_IDS)
    has_words = by_field["title"] or by_field["text"] or "content_sha256" in known
    return bool(has_address and has_words) or (
        is_factiva and bool(by_field["url"] or "an" in known)
    )


def fill_own_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the row with our fields filled from the other names, where it has none of ours.

    `row`: by plain names, without missing values.
    """
    filled = dict(row)
    if _OTHER_NAMES.isdisjoint(row):
        return filled
    is_factiva = "hd" in row
    for field in FIELD_NAMES:
        own = field.own[0]
        if any(name in row for name in field.own):
            continue
        values = (_usable(own, row.get(name)) for name in field.others)
        value = next((each for each in values if not is_missing(each)), None)
        if value is None and is_factiva:
            parts = [str(row[name]) for name in FACTIVA_NAMES.get(own, ()) if name in row]
            value = "\n".join(parts) or None
        if value is not None:
            filled[own] = value
    if "url" not in filled and (page := _page_of_id(row)):
        filled["url"] = page
    return filled


def _usable(field: str, value: Any) -> Any:
    """Returns the value that stands under another name if it can be one of ours, else None."""
    if isinstance(value, Mapping):  # `{"name": "The Herald"}`, as schema.org has it
        value = value.get("name")
    if isinstance(value, list) and field not in LIST_FIELDS:
        value = value[0] if len(value) == 1 else None
    is_usable = isinstance(value, str) or not (
        field in _TEXT_ONLY or isinstance(value, bool | Mapping)
    )
    return value if is_usable else None


def _page_of_id(row: Mapping[str, Any]) -> str:
    """Returns the address of the page on which BIGKinds or Factiva shows the article; "" if none."""
    for name in _BIGKINDS_IDS:
        if found := _BIGKINDS_ID.fullmatch(str(row.get(name, "")).strip()):
            return _BIGKINDS_PAGE.format(found[0])
    if "hd" in row and (found := _FACTIVA_ID.fullmatch(str(row.get("an", "")).strip())):
        return _FACTIVA_PAGE.format(found[1])
    return ""
