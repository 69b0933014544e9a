"""Lowers the rights of stored versions once the article's page forbids archiving."""

from sqlalchemy import Connection, not_, or_, update

from storage.rights import TEXT_LEVELS, allowed_level
from storage.saving.prepare import PreparedArticle
from storage.tables.articles import version


def lower_rights(connection: Connection, article_id: int, prepared: PreparedArticle) -> None:
    """Lowers the rights of all versions of an article to those of a page that forbids archiving.

    Other pages change nothing: they raise no rights that were lowered.
    """
    rights = prepared.article.rights
    if "rights" not in prepared.article.evidence:
        return
    allowed = TEXT_LEVELS[: TEXT_LEVELS.index(allowed_level(rights)) + 1]
    is_allowed = or_(*(version.c.rights.startswith(level) for level in allowed))
    is_higher = (version.c.article_id == article_id) & not_(is_allowed)
    connection.execute(update(version).where(is_higher), {"rights": rights})
