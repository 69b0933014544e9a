"""Decides which links of an unknown page lead to articles.

Two logistic regressions decide. The first judges each link by itself: its address and its text.
The second asks the other links whose address has the same form: what most of them are, this one is
too, even if it has no text. The weights are learned from 19,400 links of 147 saved pages of 93 sites
(`benchmarks/quality/article_links.py`).
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from urllib.parse import urlsplit

from crawler.discovery.address_forms import (
    MIN_LONG_NUMBER,
    MIN_NUMBER,
    AddressForm,
    read_form,
)

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_OTHER_PAGES = re.compile(
    r"/(?:tags?|topics?|themes?|keywords?|categor(?:y|ies)|sections?|series|authors?|users?|login|signin"
    r"|subscribe|search|about|contact|privacy|terms|help|account|register|rss|feeds?|cart"
    r"|comments?|videos?|watch|live|podcasts?|playlists?|photos?|(?:about|contact|cookies?|privacy|terms)"
    r"-(?:and|of|notice|policy|settings|statement|us|use)[\w-]{0,40})(?:/|$|\.)",
    re.IGNORECASE,
)
_FULL_TITLE = 60  # letters, a CJK character counts as two
_SHORT_TITLE, _HEADLINE = 12, 16
_FULL_SLUG_WORDS = 8
_NO_TEXT, _OTHER_PAGE = 11, 15  # places in `link_features`
_FORM_MEAN = 2  # its place in `form_features`
MIN_GROUP, MIN_SHARE = 3, 0.6  # links of one form, and the articles among them, to carry the rest
_FEW_LINKS = 1.0  # on a page with fewer articles, no form stands out


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that may lead to an article.

    `is_heading`: it stands in a heading. `is_in_menu`: it stands only in the page's menus, head,
    foot or forms.
    """

    url: str
    title: str
    is_heading: bool
    is_in_menu: bool


def choose_articles(candidates: Sequence[Candidate]) -> list[bool]:
    """Returns for each candidate whether it leads to an article. Its URL must be valid."""
    forms = [read_form(candidate.url) for candidate in candidates]
    rows = [link_features(*pair) for pair in zip(candidates, forms, strict=True)]
    scores = [_weigh(LINK_WEIGHTS, row) for row in rows]
    by_form = form_features(scores, rows, forms)
    chosen = agree([decide(*pair) for pair in zip(rows, by_form, strict=True)], rows, forms)
    if any(chosen):
        return chosen
    # No address on the page has the form of an article's, so the headlines alone tell.
    return [
        _length(candidate.title) >= _HEADLINE
        and not (candidate.is_in_menu or row[_OTHER_PAGE] or form.is_front_page)
        for candidate, row, form in zip(candidates, rows, forms, strict=True)
    ]


def decide(
    row: Sequence[float], by_form: Sequence[float], weights: Sequence[float] | None = None
) -> bool:
    """Returns whether a link leads to an article, by its `link_features` and `form_features`.

    `weights`: instead of FORM_WEIGHTS.
    """
    # An address that names another kind of page must be one of those that look like articles.
    if row[_OTHER_PAGE] and by_form[_FORM_MEAN] < 0:
        return False
    return _weigh(weights or FORM_WEIGHTS, by_form) > 0


def agree(
    chosen: Sequence[bool], rows: Sequence[Sequence[float]], forms: Sequence[AddressForm]
) -> list[bool]:
    """Adds the other links of a form most of whose links are articles.

    `rows`: the `link_features`.
    """
    groups: dict[str, list[bool]] = defaultdict(list)
    for form, is_chosen in zip(forms, chosen, strict=True):
        groups[form.exact].append(is_chosen)
    marked = {form.exact for form in forms if form.has_mark}
    carried = {
        key
        for key in marked
        if len(groups[key]) >= MIN_GROUP and sum(groups[key]) >= MIN_SHARE * len(groups[key])
    }
    return [
        is_chosen or (form.exact in carried and not row[_OTHER_PAGE])
        for form, row, is_chosen in zip(forms, rows, chosen, strict=True)
    ]


def link_features(candidate: Candidate, form: AddressForm) -> tuple[float, ...]:
    """Returns what the first regression knows of a link, in the order of LINK_WEIGHTS."""
    title, parts = candidate.title, urlsplit(candidate.url)
    length = _length(title)
    return (
        1,
        form.has_day,
        form.digits >= MIN_LONG_NUMBER,
        MIN_NUMBER <= form.digits < MIN_LONG_NUMBER,
        form.has_code,
        min(form.slug_words, _FULL_SLUG_WORDS) / _FULL_SLUG_WORDS,
        not form.has_mark,
        min(log1p(length) / log(_FULL_TITLE), 1.1),
        length < _SHORT_TITLE,
        length >= 20,
        length >= 30,
        not length,
        2 * sum(character.isdigit() for character in title) >= max(len(title), 1),
        candidate.is_heading,
        candidate.is_in_menu,
        bool(_OTHER_PAGES.search(f"/{parts.netloc.replace('.', '/')}{parts.path}")),
    )


LINK_WEIGHTS = (
    -4.05,  # of every link
    2.55,  # a day in the address
    2.17,  # a long number in it
    0.43,  # a short one
    1.23,  # a code
    1.29,  # words, up to _FULL_SLUG_WORDS
    -2.06,  # nothing that tells one article from another
    1.35,  # length of the text
    -1.47,  # a short text
    1.47,  # at least 20 letters
    1.24,  # at least 30
    -0.41,  # no text
    -0.61,  # a text that is mostly digits
    0.65,  # in a heading
    -0.97,  # in a menu
    -2.15,  # an address of another kind of page
)
FORM_WEIGHTS = (
    1.54,  # of every link
    0.53,  # its own score
    0.28,  # mean score of the links with the same exact form
    0.05,  # how many articles they are, against the largest form
    0.14,  # mean score of the links with the same coarse form
    1.67,  # how many articles they are, against the largest form
)


def _length(title: str) -> int:
    return len(title) + len(_CJK.findall(title))


def form_features(
    scores: Sequence[float], rows: Sequence[Sequence[float]], forms: Sequence[AddressForm]
) -> list[tuple[float, ...]]:
    """Returns what the second regression knows of each link, in the order of FORM_WEIGHTS.

    `scores`: of the first regression. `rows`: what that one knows.
    """
    scores = _lend_scores(scores, [not row[_NO_TEXT] for row in rows], forms)
    exact = _judge_groups(scores, [form.exact for form in forms])
    coarse = _judge_groups(scores, [form.coarse for form in forms])
    return [
        (1.0, score, *one, *other) for score, one, other in zip(scores, exact, coarse, strict=True)
    ]


def _lend_scores(
    scores: Sequence[float], have_text: Sequence[bool], forms: Sequence[AddressForm]
) -> list[float]:
    """Gives links without text, which say little of themselves, the mean of those of their form."""
    groups: dict[str, list[float]] = defaultdict(list)
    for score, has_text, form in zip(scores, have_text, forms, strict=True):
        if has_text:
            groups[form.exact].append(score)
    return [
        score if has_text or not (group := groups.get(form.exact)) else sum(group) / len(group)
        for score, has_text, form in zip(scores, have_text, forms, strict=True)
    ]


def _judge_groups(scores: Sequence[float], keys: Sequence[str]) -> list[tuple[float, float]]:
    """Returns for each link the mean score of its group, and the group's share of the best one."""
    groups: dict[str, list[float]] = defaultdict(list)
    for key, score in zip(keys, scores, strict=True):
        groups[key].append(score)
    sizes = {key: sum(map(_probability, group)) for key, group in groups.items()}
    largest = max(_FEW_LINKS, *sizes.values()) if sizes else _FEW_LINKS
    judged = {
        key: (sum(group) / len(group), log((sizes[key] + 0.5) / (largest + 0.5)))
        for key, group in groups.items()
    }
    return [judged[key] for key in keys]


def _weigh(weights: Sequence[float], features: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, features, strict=True))


def _probability(score: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))
