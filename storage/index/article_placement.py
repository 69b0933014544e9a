"""Analyses a text before the transaction and places its article within the transaction."""

from dataclasses import dataclass

from dedup.attribution.attribution import find_attributions
from dedup.copies.placement import place_document
from dedup.records import Attribution, Document, Features
from dedup.reports.cues import Cues
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from storage.index.carriers import text_cues
from storage.index.sql_index import SqlIndex


@dataclass(frozen=True, slots=True)
class TextAnalysis:
    """Everything that is computed from a text alone. `cues`: None if it may carry no report."""

    features: Features
    attributions: tuple[Attribution, ...]
    cues: Cues | None


def analyse_text(title: str, text: str, language: str, scheme: Scheme) -> TextAnalysis:
    """Computes the features and attributions of one text."""
    document = Document(0, "", title, text, language)
    attributions = attributions_of(document)
    return TextAnalysis(
        compute_features(document, scheme), attributions, text_cues(document, attributions)
    )


def attributions_of(document: Document) -> tuple[Attribution, ...]:
    """Finds the attributions of a text: whom it cites."""
    return tuple(find_attributions(document.title, document.text, document.language))


def place_article(index: SqlIndex, document: Document, analysis: TextAnalysis | None) -> None:
    """Puts an article into the index and into its story, and replaces its attributions and cues.

    Call it whenever the current version or the times of the article change. `analysis`: None means
    that the text is analysed here.
    """
    if analysis is None:
        analysis = analyse_text(document.title, document.text, document.language, index.scheme)
    place_document(index, document, analysis.features)
    index.replace_carrier(document, analysis.cues)
    index.replace_attributions(document.id, analysis.attributions)
