"""Says how surely an article carries a report of North Korea's media."""

from collections.abc import Iterable
from enum import IntEnum

from dedup.attribution.agencies import STATE_MEDIA
from dedup.attribution.attribution import find_attributions
from dedup.attribution.state_speech import STATE_REACH_CHARS, find_north_korea, speaks_for_itself
from dedup.records import Attribution, Document

_MIN_EARLY_CHARS = 350
_MAX_EARLY_CHARS = 1500
_EARLY_SHARE = 0.4
"""A source that is named after this share of the text may be the source of something else."""

_MAX_CAPTION_CHARS = 350
"""A text of this length that credits a photo is the caption of the photo, and nothing else."""


class CarrierGrade(IntEnum):
    """How surely an article says that it carries a report of North Korea's media.

    A higher grade is surer.
    """

    NONE = 0
    """Nothing says so, or the media are named for another reason: comparison, denial, background."""
    ABOUT = 1
    """Names North Korea in the headline or at the beginning, but no source."""
    CREDIT = 2
    """Only credits a photo or a screen shot to the media."""
    STATE = 3
    """The state itself speaks: "North Korea said on Monday"."""
    LATER = 4
    """Names the media as the source after the early part of the text."""
    EARLY = 5
    """Names the media as the source in the headline or the early part of the text."""
    OWN = 6
    """The agency's own text: the outlet's rank is 0."""


def grade_carrier(
    document: Document, attributions: Iterable[Attribution] | None = None
) -> CarrierGrade:
    """Returns how surely an article carries a report. Linear in the text; never raises.

    `attributions`: those of `find_attributions` for this article, if they are known already.

    The early part of a text is its first 40 percent, at least 350 and at most 1,500 characters. A
    short photo caption with a credit counts as a text that names its source early.
    """
    if document.rank == 0:
        return CarrierGrade.OWN
    if attributions is None:
        attributions = find_attributions(document.title, document.text, document.language)
    found = [each for each in attributions if each.agency in STATE_MEDIA]
    length = len(document.text)
    reach = max(_MIN_EARLY_CHARS, min(_MAX_EARLY_CHARS, _EARLY_SHARE * length))
    is_caption = length <= _MAX_CAPTION_CHARS
    named = [each for each in found if each.kind != "photo-credit" or is_caption]
    if any(each.field == "title" or each.start < reach for each in named):
        return CarrierGrade.EARLY
    if named:
        return CarrierGrade.LATER
    beginnings = (document.title, document.text[:STATE_REACH_CHARS])
    is_about = any(find_north_korea(each) is not None for each in beginnings)
    if is_about and speaks_for_itself(document.title, document.text):
        return CarrierGrade.STATE
    if found:
        return CarrierGrade.CREDIT
    return CarrierGrade.ABOUT if is_about else CarrierGrade.NONE


def find_state_media_attributions(document: Document) -> tuple[Attribution, ...]:
    """Returns all attributions to North Korea's media, those in the headline first."""
    found = find_attributions(document.title, document.text, document.language)
    return tuple(each for each in found if each.agency in STATE_MEDIA)
