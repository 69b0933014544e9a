"""Gives a recorded page away as a file. It is never shown: it may hold scripts of its site."""

import logging

from storage.errors import ArchiveError, MissingLibrary, NotFound
from storage.export.formats.warc import UnreadableRecord, copy_record
from web.page import Query
from web.parameters import parse_number
from web.raw import RawAnswer, RawPage
from web.rights import explain_rights, may_show_text

log = logging.getLogger("nkwire.web")


def answer(query: Query) -> RawAnswer:
    """Copies the record from its WARC file.

    `number` counts the fetches of the article from 1, the oldest first. Raises NotFound where there
    is no recording, or where rights do not allow to hand it on.
    """
    article_id, number = parse_number(query.ids["article"]), parse_number(query.ids["number"])
    article = query.database.articles.get(article_id)
    captures = query.database.articles.captures(article_id)
    if not 1 <= number <= len(captures):
        raise NotFound(f"article {article_id} has no fetch {number}")
    if not may_show_text(query, article.outlet, article.rights):
        raise NotFound(explain_rights(query, article.outlet, article.rights))
    capture, recordings = captures[number - 1], query.options.recordings
    if not recordings or not capture.warc_file or capture.warc_offset < 0:
        raise NotFound("this fetch was not recorded")
    try:
        content = copy_record(recordings, article.outlet, capture.warc_file, capture.warc_offset)
    except UnreadableRecord as error:
        raise NotFound(f"the recorded page cannot be read: {error}") from None
    except (ArchiveError, MissingLibrary) as error:
        log.warning("a recorded page cannot be read: %s", error)
        # Where the archive is stored is nobody's business beyond this machine.
        detail = f": {error}" if query.options.shows_all_texts else ""
        raise NotFound(f"the recorded page cannot be read{detail}") from None
    except OSError:
        raise NotFound("the recorded page cannot be read") from None
    return RawAnswer(
        content=content,
        media_type="application/octet-stream",
        filename=f"nkwire-article-{article_id}-{number}.warc.gz",
    )


RECORDING = RawPage(
    name="recording",
    path="/articles/{article}/captures/{number}.warc",
    summary="A recorded page as a WARC file with one record, byte for byte.",
    media_types=("application/octet-stream",),
    answer=answer,
)
