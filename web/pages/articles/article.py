"""Shows one article: its text, when it appeared, its versions, and what it is like."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from dedup.records import Attribution, Relation
from dedup.statements.statement_level import StatementLevel
from storage.browsing.article_lines import ArticleLine, load_article_lines, load_lines
from storage.browsing.versions import VersionHead, VersionText, load_version, load_version_heads
from storage.changes.article_state import ArticleState
from storage.changes.rows import ChangeRow, edit_as_dict, transition_as_dict
from storage.errors import NotFound
from storage.index.unplaced import story_number
from storage.reading.rows import ArticleRow, CaptureRow
from storage.records import CaptureResult, Dateline, PageClass
from storage.stated_time import StatedTime
from web.page import Page, Query
from web.parameters import Parameter, ParameterKind, parse_number
from web.rights import visible_text

MAX_MEMBERS = 50
"""Other articles of the story, and relations, that the page shows."""
MAX_CAPTURES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a paragraph. `cites`: the agencies that its words cite."""

    text: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEntry:
    """A version in the history of an article. `edit`: the change that led to it, if there is one."""

    number: int
    id: int
    seen_at: datetime
    captured_at: datetime | None
    current: bool
    page_class: PageClass
    title: str
    length: int
    content_sha256: str
    rules_version: str
    edit: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureEntry:
    """A fetch of the page. `outcome`: in words, with its detail. `number`: from 1, by time."""

    number: int
    fetched_at: datetime
    status: int
    outcome: str
    kind: str
    version_id: int | None
    url: str
    body_sha256: str
    warc_file: str
    warc_offset: int
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationEntry:
    """A relation to another article.

    `share_here`: how much of this article the other one has, 0 to 1; `share_there`: the reverse.
    """

    article: int
    outlet: str
    language: str
    title: str
    kind: str
    merges: bool
    jaccard: float
    share_here: float
    share_there: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """An article as it is shown. Keys are those of `nkwire show --json`.

    `version_id`: the version whose fields are shown. `is_current`: whether it is the current one.
    `is_whole`: whether `text` is the whole text; `why_not_whole` says why it is not.
    """

    id: int
    outlet: str
    url: str
    canonical_url: str
    key: str
    external_id: str
    page_class: PageClass
    title: str
    text: str
    lead: str
    is_whole: bool
    why_not_whole: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    language: str
    dateline: Dateline | None
    captions: tuple[str, ...]
    published_at: StatedTime | None
    published_source: str
    published_raw: str
    modified_at: datetime | None
    first_seen_at: datetime
    last_poll_without_at: datetime | None
    last_captured_at: datetime | None
    gone_at: datetime | None
    state: ArticleState
    transitions: tuple[Mapping[str, Any], ...]
    rights: str
    rules_version: str
    evidence: Mapping[str, str]
    content_sha256: str
    version_id: int
    version_number: int
    is_current: bool
    versions: tuple[VersionEntry, ...]
    captures: tuple[CaptureEntry, ...]
    more_captures: int
    statement_level: StatementLevel
    attributions: tuple[Attribution, ...]
    story_id: int
    story_size: int
    is_lead: bool
    relation: str
    members: tuple[ArticleLine, ...]
    report: int | None
    report_articles: int
    report_outlets: int
    relations: tuple[RelationEntry, ...]
    more_relations: int

    @property
    def paragraphs(self) -> list[list[Segment]]:
        """The paragraphs of the text, with the words that cite somebody apart."""
        return split_paragraphs(self.text, self.attributions if self.is_current else ())

    @property
    def agencies(self) -> list[str]:
        """The agencies that are cited, each once, in order of the text."""
        return list(dict.fromkeys(each.agency for each in self.attributions))

    @property
    def shown_entry(self) -> VersionEntry:
        """The shown version in the history."""
        return self.versions[self.version_number - 1]

    @property
    def timeline(self) -> list[tuple[datetime, str]]:
        """When the page was fetched, and with which outcome."""
        return [(each.fetched_at, each.kind) for each in self.captures]

    @property
    def recorded(self) -> CaptureEntry | None:
        """The first capture that gave the shown version, if its recording is known."""
        found = (each for each in self.captures if each.version_id == self.version_id)
        return next((each for each in found if each.warc_file), None)


def split_paragraphs(text: str, attributions: Sequence[Attribution]) -> list[list[Segment]]:
    """Returns the paragraphs of a text, with the words of attributions apart.

    An attribution whose words do not stand at its offsets is left out.
    """
    spans: dict[tuple[int, int], list[str]] = {}
    for each in attributions:
        if each.field == "text" and text[each.start : each.end] == each.words and each.words:
            spans.setdefault((each.start, each.end), []).append(each.agency)
    paragraphs, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            paragraphs.append(_split_line(text, start, start + len(line), spans))
        start += len(line) + 1
    return paragraphs


def _split_line(
    text: str, start: int, end: int, spans: Mapping[tuple[int, int], Sequence[str]]
) -> list[Segment]:
    segments, place = [], start
    for first, last in sorted(spans):
        if first < place or last > end:
            continue
        if first > place:
            segments.append(Segment(text=text[place:first]))
        agencies = tuple(dict.fromkeys(spans[first, last]))
        segments.append(Segment(text=text[first:last], cites=agencies))
        place = last
    if place < end:
        segments.append(Segment(text=text[place:end]))
    return segments


def load(query: Query) -> ArticlePage:
    """Reads an article. Raises NotFound."""
    article_id = parse_number(query.ids["article"])
    database = query.database
    article = database.articles.get(article_id)
    heads = load_version_heads(database, article_id)
    shown = _load_shown(query, article, heads)
    edits = list(database.changes.iter(article=article_id, boring=True))
    captures = database.articles.captures(article_id)
    relations = _strongest(database.stories.relations_of(article_id))
    lines = {
        each.id: each
        for each in load_lines(database, [article_id, *_others(article_id, relations)])
    }
    here = lines[article_id]
    story = story_number(article.story_id)
    members = load_article_lines(database, story=story, limit=MAX_MEMBERS + 1).rows if story else ()
    visible = visible_text(query, article.outlet, shown.rights, shown.text, shown.lead)
    is_current = shown.id == article.version_id
    return ArticlePage(
        **_article_values(article),
        **_version_values(shown),
        text=visible.text,
        lead=shown.lead if visible.is_whole else "",
        captions=shown.captions if visible.is_whole else (),
        is_whole=visible.is_whole,
        why_not_whole=visible.reason,
        state=database.changes.state_of(article_id),
        transitions=tuple(
            transition_as_dict(each) for each in database.changes.transitions(article=article_id)
        ),
        version_id=shown.id,
        version_number=1 + [each.id for each in heads].index(shown.id),
        is_current=is_current,
        versions=_version_entries(heads, edits),
        captures=_capture_entries(captures)[-MAX_CAPTURES:],
        more_captures=max(0, len(captures) - MAX_CAPTURES),
        attributions=_attributions(query, article_id, whole=visible.is_whole),
        story_size=here.story_size,
        members=tuple(each for each in members if each.id != article_id)[:MAX_MEMBERS],
        report=here.report_id,
        report_articles=here.report_articles,
        report_outlets=here.report_outlets,
        relations=tuple(
            _relation_entry(article_id, each, lines) for each in relations[:MAX_MEMBERS]
        ),
        more_relations=max(0, len(relations) - MAX_MEMBERS),
    )


def _load_shown(query: Query, article: ArticleRow, heads: Sequence[VersionHead]) -> VersionText:
    wanted = query["version"] or article.version_id
    if wanted not in {each.id for each in heads}:
        raise NotFound(f"article {article.id} has no version with the id {wanted}")
    return load_version(query.database, wanted)


_ARTICLE_FIELDS = (
    *("id", "outlet", "url", "canonical_url", "key", "external_id", "first_seen_at"),
    *("last_poll_without_at", "last_captured_at", "gone_at", "statement_level"),
    *("story_id", "is_lead", "relation"),
)
_VERSION_FIELDS = (
    *("page_class", "title", "authors", "section", "tags", "language", "dateline"),
    *("published_source", "published_raw", "modified_at", "rights", "rules_version"),
    *("evidence", "content_sha256"),
)


def _article_values(article: ArticleRow) -> dict[str, Any]:
    return {name: getattr(article, name) for name in _ARTICLE_FIELDS}


def _version_values(shown: VersionText) -> dict[str, Any]:
    values = {name: getattr(shown, name) for name in _VERSION_FIELDS}
    return {**values, "published_at": shown.published}


def _version_entries(
    heads: Sequence[VersionHead], edits: Sequence[ChangeRow]
) -> tuple[VersionEntry, ...]:
    # The latest edit comes first; a version that came back after another one has several.
    edit_by_version = {each.new_id: edit_as_dict(each) for each in edits}
    return tuple(
        VersionEntry(
            number=number,
            **{
                name: getattr(each, name)
                for name in VersionHead.__dataclass_fields__
                if name != "stored_at"
            },
            seen_at=each.seen_at,
            edit=edit_by_version.get(each.id),
        )
        for number, each in enumerate(heads, 1)
    )


def _capture_entries(captures: Sequence[CaptureRow]) -> tuple[CaptureEntry, ...]:
    copied = (
        "fetched_at",
        "status",
        "version_id",
        "url",
        "body_sha256",
        "warc_file",
        "warc_offset",
        "truncated",
    )
    return tuple(
        CaptureEntry(
            number=number,
            outcome=str(CaptureResult(each.outcome, each.detail)),
            kind=each.outcome.value,
            **{name: getattr(each, name) for name in copied},
        )
        for number, each in enumerate(captures, 1)
    )


def _attributions(query: Query, article_id: int, *, whole: bool) -> tuple[Attribution, ...]:
    """Returns the attributions; where the text is not shown in full, without their words."""
    found = query.database.articles.attributions(article_id)
    return tuple(found if whole else (replace(each, words="") for each in found))


def _strongest(relations: Sequence[Relation]) -> list[Relation]:
    return sorted(relations, key=lambda each: (-each.jaccard, each.a, each.b))


def _others(article_id: int, relations: Sequence[Relation]) -> list[int]:
    return [_other(article_id, each) for each in relations[:MAX_MEMBERS]]


def _other(article_id: int, relation: Relation) -> int:
    return relation.b if relation.a == article_id else relation.a


def _relation_entry(
    article_id: int, relation: Relation, lines: Mapping[int, ArticleLine]
) -> RelationEntry:
    line = lines[_other(article_id, relation)]
    shares = relation.containment_ab, relation.containment_ba
    here, there = shares if relation.a == article_id else shares[::-1]
    values = asdict(relation)
    return RelationEntry(
        article=line.id,
        outlet=line.outlet,
        language=line.language,
        title=line.title,
        share_here=here,
        share_there=there,
        **{name: values[name] for name in ("kind", "merges", "jaccard", "reason")},
    )


PAGE = Page(
    name="article",
    path="/articles/{article}",
    summary="One article: text, time, state, versions, captures, relations.",
    template="article.html",
    model=ArticlePage,
    load=load,
    parameters=(
        Parameter(
            name="version",
            kind=ParameterKind.INTEGER,
            description="The id of the version that is shown; without it the current one.",
            minimum=1,
        ),
    ),
    section="/",
)
