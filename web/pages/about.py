"""Says what this is, and what its words mean."""

from dataclasses import dataclass

from storage.browsing.sums import Extent, load_extent
from storage.version import package_version
from web.page import Page, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the page says beside its fixed words. `articles`: the number of all."""

    version: str
    articles: int
    corpus: Extent


def load(query: Query) -> About:
    """Reads how large the corpus is."""
    corpus = load_extent(query.database)
    return About(version=package_version(), articles=corpus.articles, corpus=corpus)


PAGE = Page(
    name="about",
    path="/about",
    summary="What nkwire is, and what the words on its pages mean.",
    template="about.html",
    model=About,
    load=load,
)
