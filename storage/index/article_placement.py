"""What deduplication computes of a text before the transaction, and how it is placed within it."""

from dataclasses import dataclass

from dedup.copies.placement import place_document
from dedup.records import Attribution, Document, Features
from dedup.reports.attribution import find_attributions
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from storage.index.sql_index import SqlIndex


@dataclass(frozen=True, slots=True)
class TextAnalysis:
    """All that is computed of a text alone."""

    features: Features
    attributions: tuple[Attribution, ...]


def analyse_text(title: str, text: str, language: str, scheme: Scheme) -> TextAnalysis:
    """The features and attributions of one text."""
    document = Document(0, "", title, text, language)
    return TextAnalysis(compute_features(document, scheme), attributions_of(document))


def attributions_of(document: Document) -> tuple[Attribution, ...]:
    """Whom a text cites."""
    return tuple(find_attributions(document.title, document.text, document.language))


def place_article(index: SqlIndex, document: Document, analysis: TextAnalysis | None) -> None:
    """Place the current version of an article; call whenever that or the article's times change."""
    if analysis is None:
        analysis = analyse_text(document.title, document.text, document.language, index.scheme)
    place_document(index, document, analysis.features)
    index.replace_attributions(document.id, analysis.attributions)
