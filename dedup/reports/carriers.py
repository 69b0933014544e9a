"""Estimates whether an article carries a report of North Korea's media.

A logistic regression on a few features: how surely the article names the media as its source
(`CarrierGrade`), and whose news the headline is. `benchmarks.quality.report_weights` fits the weights on
labelled articles. An article with low odds can still belong to a report: if it is near enough to
others that carry it.
"""

import re
from collections.abc import Mapping

from dedup.attribution.citation import CarrierGrade, grade_carrier
from dedup.records import Document
from dedup.reports.headline_subject import (
    HEADLINE_CHARS,
    HeadlineSubject,
    find_headline_subject,
    names_another_subject,
)
from dedup.reports.learned_weights import CARRIER_WEIGHTS

MIN_CARRIER_LOG_ODDS = -0.5
"""An article with at least these log odds makes a report by itself."""

SHORT_TEXT_CHARS = 300
_LEARNED_GRADES = [each for each in CarrierGrade if CarrierGrade.NONE < each < CarrierGrade.OWN]
_COMMENT = re.compile(
    r"전문가|분석|해설|기고|사설|칼럼|인터뷰|opinion|analysis|analyst|explain|interview|news focus|op-ed|viewpoint|how |why |\?|？"
    r"|análisis|аналит|эксперт|мнение|分析|评论|評論|解説|専門家",
    re.IGNORECASE,
)


def may_carry_report(grade: CarrierGrade) -> bool:
    """Returns whether an article of this grade is compared with others at all."""
    return grade > CarrierGrade.NONE


def estimate_carrier_log_odds(document: Document, grade: CarrierGrade | None = None) -> float:
    """Returns the natural logarithm of the odds that an article carries a report."""
    found = grade_carrier(document) if grade is None else grade
    features = compute_carrier_features(document, found)
    return sum(CARRIER_WEIGHTS[name] * value for name, value in features.items())


def compute_carrier_features(document: Document, grade: CarrierGrade) -> Mapping[str, float]:
    """Returns the features by name; each is 0 or 1."""
    headline = document.title or document.text[:HEADLINE_CHARS]
    subject = find_headline_subject(headline)
    return {
        "constant": 1.0,
        **{f"at least {each.name.lower()}": float(grade >= each) for each in _LEARNED_GRADES},
        "headline subject other": float(subject is HeadlineSubject.OTHER),
        "headline names another": float(names_another_subject(headline)),
        "headline comments": float(bool(_COMMENT.search(headline))),
        "text is short": float(len(document.text) < SHORT_TEXT_CHARS),
    }
