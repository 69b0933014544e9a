"""The page that says what this is, and what its words mean."""

from dataclasses import dataclass

from storage.version import package_version
from web.page import Page, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the page says beside its fixed words."""

    version: str
    articles: int


def load(query: Query) -> About:
    """Reads how large the corpus is."""
    return About(version=package_version(), articles=query.database.articles.count())


PAGE = Page(
    name="about",
    path="/about",
    summary="What nkwire is, and what the words on its pages mean.",
    template="about.html",
    model=About,
    load=load,
)
