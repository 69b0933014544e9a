"""Shows two versions of one article side by side, and all else that changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from dedup.changes.diff import diff
from dedup.changes.records import Change
from dedup.changes.side_by_side import (
    MAX_SENTENCE_CHARS,
    RowGroup,
    align_sentences,
    group_rows,
)
from storage.browsing.change_lines import load_neighbours
from storage.browsing.versions import (
    VersionHead,
    VersionText,
    classify_versions,
    load_version,
    load_version_heads,
)
from storage.changes.rows import ChangeRow, edit_as_dict
from storage.errors import InvalidRequest
from web.comparison import count_shown_chars, limit_groups
from web.errors import Redirect
from web.marks import format_time
from web.page import Page, Query
from web.parameters import Parameter, ParameterKind, parse_number
from web.raw import RawAnswer, RawPage
from web.rights import explain_rights, may_show_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions. `number`: from 1, in order of capture. `length`: characters."""

    version: int
    number: int
    captured_at: datetime | None
    seen_at: datetime
    current: bool
    title: str
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field beside the text that differs.

    `pieces`: pairs of a sign (" ", "-", "+") and a text. `note`: what an empty side means. `old_rule`
    and `new_rule`: the rules or selectors that gave the two values.
    """

    field: str
    pieces: tuple[tuple[str, str], ...]
    note: str
    old_rule: str
    new_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Another edit that a visitor may go to. `title`: the headline of its article."""

    old: int
    new: int
    article: int
    outlet: str
    title: str
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPage:
    """Two versions of one article.

    `edit`: the stored edit from the one to the other, with the keys of `nkwire changes --json`; None:
    other versions lie between. `kinds`, `nature`, `silent`, `boring`, `added`, `removed`, `share`: of
    the edit, or else of the two versions compared now. `after`, `before`: when it happened.
    `withheld`: why the text is not shown, one sentence.
    """

    article: int
    outlet: str
    url: str
    language: str
    title: str
    old: Side
    new: Side
    between: int
    edit: Mapping[str, Any] | None
    kinds: tuple[str, ...]
    nature: str
    silent: bool
    boring: str
    added: int
    removed: int
    share: float
    after: datetime | None
    before: datetime | None
    fields: tuple[FieldChange, ...]
    groups: tuple[RowGroup, ...]
    is_by_paragraph: bool
    withheld: str
    older_edit: Step | None
    newer_edit: Step | None
    older_in_feed: Step | None
    newer_in_feed: Step | None

    @property
    def has_text_changes(self) -> bool:
        """Whether any sentence differs."""
        return any(not row.is_equal for group in self.groups for row in group.rows)


def load(query: Query) -> DiffPage:
    """Reads and compares two versions.

    Raises NotFound, InvalidRequest for one version twice, and Redirect for versions of two articles
    and for a newer version before an older one.
    """
    old_id, new_id = parse_number(query.ids["old"]), parse_number(query.ids["new"])
    if old_id == new_id:
        raise InvalidRequest("these are one version: name two")
    database = query.database
    old, new = load_version(database, old_id), load_version(database, new_id)
    if old.article_id != new.article_id:
        raise Redirect(f"/compare/{old.article_id}/{new.article_id}", HTTPStatus.FOUND)
    heads = {each.id: each for each in load_version_heads(database, old.article_id)}
    order = list(heads)
    if order.index(old_id) > order.index(new_id):
        raise Redirect(f"/diff/{new_id}/{old_id}", HTTPStatus.FOUND)
    article = database.articles.get(old.article_id)
    edits = list(database.changes.iter(article=article.id, boring=True))
    edit = next((each for each in edits if (each.old_id, each.new_id) == (old_id, new_id)), None)
    is_whole = all(may_show_text(query, article.outlet, each.rights) for each in (old, new))
    newer, older = load_neighbours(database, edit) if edit else (None, None)
    newer_here, older_here = _neighbours(edits, edit)
    return DiffPage(
        article=article.id,
        outlet=article.outlet,
        url=article.url,
        language=article.language,
        title=article.title,
        old=_make_side(heads, order, old_id),
        new=_make_side(heads, order, new_id),
        between=order.index(new_id) - order.index(old_id) - 1,
        edit=None if edit is None else edit_as_dict(edit),
        **_summary(edit, None if edit else classify_versions(database, old_id, new_id)),
        after=edit.after_at if edit else old.seen_at,
        before=edit.before_at if edit else new.captured_at,
        fields=_compare_fields(old, new, is_whole=is_whole),
        groups=_groups(query, article.outlet, old, new),
        is_by_paragraph=max(len(old.text), len(new.text)) > MAX_SENTENCE_CHARS,
        withheld="" if is_whole else _explain(query, article.outlet, old, new),
        older_edit=_step(older_here),
        newer_edit=_step(newer_here),
        older_in_feed=_step(older),
        newer_in_feed=_step(newer),
    )


def _make_side(heads: Mapping[int, VersionHead], order: Sequence[int], version_id: int) -> Side:
    head = heads[version_id]
    return Side(
        version=version_id,
        number=order.index(version_id) + 1,
        captured_at=head.captured_at,
        seen_at=head.seen_at,
        current=head.current,
        title=head.title,
        length=head.length,
    )


def _summary(edit: ChangeRow | None, computed: Change | None) -> dict[str, Any]:
    """Returns kinds, nature and size of an edit that is stored, or of two versions compared now."""
    names = ("kinds", "nature", "silent", "boring", "added", "removed", "share")
    found = edit or computed
    if found is None:
        nothing = {"kinds": (), "nature": "", "silent": False, "boring": ""}
        return {**nothing, "added": 0, "removed": 0, "share": 0.0}
    values = {name: getattr(found, name) for name in names}
    return {
        **values,
        "kinds": tuple(kind.value for kind in found.kinds),
        "nature": found.nature.value,
    }


def _neighbours(
    edits: Sequence[ChangeRow], edit: ChangeRow | None
) -> tuple[ChangeRow | None, ChangeRow | None]:
    """Returns the edits after and before an edit. `edits`: all of its article, latest first."""
    if edit is None:
        return None, None
    place = edits.index(edit)
    newer = edits[place - 1] if place else None
    return newer, edits[place + 1] if place + 1 < len(edits) else None


def _step(edit: ChangeRow | None) -> Step | None:
    if edit is None:
        return None
    return Step(
        old=edit.old_id,
        new=edit.new_id,
        article=edit.article_id,
        outlet=edit.outlet,
        title=edit.title,
        found_at=edit.found_at,
    )


def _groups(query: Query, outlet: str, old: VersionText, new: VersionText) -> tuple[RowGroup, ...]:
    left, right = (
        count_shown_chars(query, outlet, each.rights, each.text, each.lead) for each in (old, new)
    )
    groups = group_rows(align_sentences(old.text, new.text))
    return tuple(limit_groups(groups, left, right))


def _explain(query: Query, outlet: str, old: VersionText, new: VersionText) -> str:
    reasons = (explain_rights(query, outlet, each.rights) for each in (old, new))
    return next(filter(None, reasons), "")


_FIELDS: tuple[tuple[str, str, Callable[[VersionText], str]], ...] = (
    ("headline", "title", lambda each: each.title),
    ("lead", "lead", lambda each: each.lead),
    ("authors", "authors", lambda each: ", ".join(each.authors)),
    ("captions", "captions", lambda each: "\n".join(each.captions)),
    ("time", "published_at", lambda each: format_time(each.published)),
    ("changed, says the page", "modified_at", lambda each: format_time(each.modified_at)),
    ("section", "section", lambda each: each.section),
    ("tags", "tags", lambda each: ", ".join(each.tags)),
    ("dateline", "dateline", lambda each: _dateline(each)),
    ("language", "language", lambda each: each.language),
    ("kind of page", "page_class", lambda each: each.page_class.value),
)
_PASSAGES = ("lead", "captions")
"""Fields that quote the text: they are withheld with it."""
_WHOLE = ("time", "changed, says the page", "language", "kind of page", "dateline")
"""Fields that change as a whole."""


def _dateline(each: VersionText) -> str:
    found = each.dateline
    return ", ".join(filter(None, (found.place, found.date, found.agency))) if found else ""


def _compare_fields(
    old: VersionText, new: VersionText, *, is_whole: bool
) -> tuple[FieldChange, ...]:
    changes = []
    for name, column, read in _FIELDS:
        before, after = read(old), read(new)
        if before == after or (name in _PASSAGES and not is_whole):
            continue
        changes.append(
            FieldChange(
                field=name,
                pieces=_pieces(before, after, as_whole=name in _WHOLE),
                note=_note(column, old, new, before, after),
                old_rule=old.evidence.get(column, ""),
                new_rule=new.evidence.get(column, ""),
            )
        )
    return tuple(changes)


def _pieces(before: str, after: str, *, as_whole: bool) -> tuple[tuple[str, str], ...]:
    if as_whole:
        return tuple((sign, text) for sign, text in (("-", before), ("+", after)) if text)
    return tuple((piece.sign, piece.text) for piece in diff(before, after))


def _note(column: str, old: VersionText, new: VersionText, before: str, after: str) -> str:
    """Says what it means that a field is empty: the page lacks it, or it was not found."""
    if before and after:
        return ""
    version, word = (old, "old") if not before else (new, "new")
    if column in version.absent_fields:
        return f"The {word} page has none."
    return f"Not found on the {word} page, which may be an error of our reading."


PAGE = Page(
    name="diff",
    path="/diff/{old}/{new}",
    summary="Two versions of one article side by side, and what else changed.",
    template="diff.html",
    model=DiffPage,
    load=load,
    section="/changes",
)


def _make_choice(path: str, summary: str, what: tuple[str, str], names: tuple[str, str]) -> RawPage:
    """Declares an address that leads to the page of the two rows that a form names."""

    def lead(query: Query) -> RawAnswer:
        if not all(query[name] for name in names):
            raise InvalidRequest(f"two are needed: {' and '.join(names)}")
        raise Redirect("/".join((path, *(str(query[name]) for name in names))), HTTPStatus.FOUND)

    return RawPage(
        name=f"{path[1:]}-choice",
        path=path,
        summary=summary,
        media_types=("text/html",),
        answer=lead,
        parameters=tuple(
            Parameter(
                name=name, kind=ParameterKind.INTEGER, description=f"{each}: its id.", minimum=1
            )
            for name, each in zip(names, what, strict=True)
        ),
    )


CHOICES = (
    _make_choice(
        "/diff",
        "Leads to the difference of two versions that a form names.",
        ("The older version", "The newer version"),
        ("old", "new"),
    ),
    _make_choice(
        "/compare",
        "Leads to the comparison of two articles that a form names.",
        ("An article", "Another article"),
        ("a", "b"),
    ),
)
