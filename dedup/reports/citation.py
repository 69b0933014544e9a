"""Says how surely an article carries a report of North Korea's media."""

from enum import IntEnum

from dedup.records import Attribution, Document
from dedup.reports.agencies import STATE_MEDIA
from dedup.reports.attribution import find_attributions

MIN_EARLY_CHARS = 350
EARLY_SHARE = 0.4
"""A source that is named after this share of the text may be the source of something else."""


class CarrierGrade(IntEnum):
    """How surely an article says that it carries a report of North Korea's media.

    A higher grade is surer.
    """

    NONE = 0
    """Nothing says so, or the media are named for another reason: comparison, denial, background."""
    ABOUT = 1
    """Names North Korea in the headline or the first sentence, but no source."""
    CREDIT = 2
    """Only a photo or a screen shot is credited to the media."""
    STATE = 3
    """The state itself speaks: "North Korea said on Monday"."""
    LATER = 4
    """Names the media as the source after the early part of the text."""
    EARLY = 5
    """Names the media as the source in the headline or the early part of the text."""
    OWN = 6
    """The agency's own text: the outlet's rank is 0."""


def grade_carrier(document: Document) -> CarrierGrade:
    """Returns how surely an article carries a report. Linear in the text; never raises."""
    if document.rank == 0:
        return CarrierGrade.OWN
    reach = max(MIN_EARLY_CHARS, EARLY_SHARE * len(document.text))
    found = find_state_media_attributions(document)
    named = [each for each in found if each.kind != "photo-credit"]
    if any(each.field == "title" or each.start < reach for each in named):
        return CarrierGrade.EARLY
    if named:
        return CarrierGrade.LATER
    return CarrierGrade.CREDIT if found else CarrierGrade.NONE


def find_state_media_attributions(document: Document) -> tuple[Attribution, ...]:
    """Returns all attributions to North Korea's media, those in the headline first."""
    found = find_attributions(document.title, document.text, document.language)
    return tuple(each for each in found if each.agency in STATE_MEDIA)
