"""Learns which links of a page lead to articles: the weights of `crawler.discovery.article_links`.

usage: python -m benchmarks.quality.article_links FOLDER...

Each folder holds `index.jsonl` with saved pages. The listings among them state their articles. On
the article pages of a declared outlet, its pattern `article` tells the links to articles; on those
of other sites, the links whose address has the form of the page's own are taken for such. Prints
precision and recall on the pages of each site, read with weights learned from the other sites, and
then the weights learned from all.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from crawler.discovery.address_forms import AddressForm, read_form
from crawler.discovery.any_listing import list_candidates, page_key
from crawler.discovery.article_links import (
    LINK_WEIGHTS,
    agree,
    decide,
    form_features,
    link_features,
)
from crawler.discovery.link_urls import absolute_url
from crawler.extract.page.page import Page
from crawler.extract.urls import host_of, registered_domain
from crawler.outlet import Outlet
from crawler.registry import outlet_for, outlets

Numbers = npt.NDArray[np.float64]
MIN_ARTICLES = 3  # an article page with fewer links to others tells nothing
RIDGE = 10.0
LISTING_WEIGHT = 3.0  # of a listing, against an article page: its articles are stated one by one
_MARKS, _LENGTH = [1, 2, 4], 7  # places in LINK_WEIGHTS
_LONG_TITLE = 0.68  # a score of `link_features`: about 16 letters


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """The links of one page. `missing`: how many of its articles no link leads to."""

    site: str
    is_listing: bool
    features: Numbers
    forms: Sequence[AddressForm]
    labels: Numbers
    missing: int
    is_by_form: bool

    @property
    def certain(self) -> npt.NDArray[np.bool_]:
        """Which labels are sure.

        An outlet's pattern may leave out articles of its sister sites, and a section's address may
        have the form of an article's.
        """
        has_mark = self.features[:, _MARKS].max(axis=1) > 0
        doubtful = (self.labels == 0) & has_mark & (self.features[:, _LENGTH] > _LONG_TITLE)
        if self.is_by_form:
            doubtful |= (self.labels > 0) & (self.features[:, _LENGTH] < _LONG_TITLE)
        return np.ones(len(self.labels), bool) if self.is_listing else ~doubtful


def read_pages(folder: Path) -> Iterator[LabelledPage]:
    """Yields the labelled pages of a folder."""
    for line in (folder / "index.jsonl").read_bytes().splitlines():
        entry = orjson.loads(line)
        url = entry["url"]
        if not url.startswith("http") or " " in url:
            continue
        body = (folder / entry["file"]).read_bytes()
        if entry["kind"] == "listing":
            expected = orjson.loads((folder / entry["expected"]).read_bytes())["items"]
            wanted = {
                page_key(absolute_url(item["url"], url)) for item in expected if item.get("url")
            }
            if wanted:
                yield _label(registered_domain(host_of(url)), body, url, wanted)
        elif entry["kind"] == "article":
            outlet = outlet_for(url)
            is_declared = outlet.name in outlets()
            rule = _pattern_rule(outlet) if is_declared else _same_form_rule(url)
            page = _label(registered_domain(host_of(url)), body, url, rule, not is_declared)
            if (page.labels * page.certain).sum() >= MIN_ARTICLES:
                yield page


def _pattern_rule(outlet: type[Outlet]) -> Callable[[str], bool]:
    # A pattern that does not speak of queries must match without them.
    has_query = "?" in outlet.article.replace("(?", "").replace("\\?", "?")
    return lambda url: outlet.is_article(url if has_query else url.partition("?")[0])


def _same_form_rule(url: str) -> Callable[[str], bool]:
    own = read_form(url).coarse
    return lambda other: read_form(other).coarse == own


def _label(
    site: str,
    body: bytes,
    url: str,
    wanted: set[str] | Callable[[str], bool],
    is_by_form: bool = False,
) -> LabelledPage:
    candidates = list_candidates(Page(body, url).tree, url)
    forms = [read_form(candidate.url) for candidate in candidates]
    is_listing, missing = isinstance(wanted, set), 0
    if isinstance(wanted, set):
        labels = [page_key(candidate.url) in wanted for candidate in candidates]
        missing = len(wanted - {page_key(candidate.url) for candidate in candidates})
    else:
        labels = [wanted(candidate.url) for candidate in candidates]
    features = [link_features(*pair) for pair in zip(candidates, forms, strict=True)]
    return LabelledPage(
        site,
        is_listing,
        np.array(features, float).reshape(len(features), len(LINK_WEIGHTS)),
        forms,
        np.array(labels, float),
        missing,
        is_by_form,
    )


def learn(pages: Sequence[LabelledPage]) -> tuple[Numbers, Numbers]:
    """Returns the weights of both regressions; each page counts as much as another."""
    of_site = Counter(page.site for page in pages)
    weights = np.concatenate(
        [
            page.certain
            * (LISTING_WEIGHT if page.is_listing else 1.0)
            * 100
            / (len(page.labels) * of_site[page.site] ** 0.5)
            for page in pages
        ]
    )
    labels = np.concatenate([page.labels for page in pages])
    link_weights = _regress(np.vstack([page.features for page in pages]), labels, weights)
    by_form = np.vstack([_by_form(page, link_weights) for page in pages])
    return link_weights, _regress(by_form, labels, weights)


def _by_form(page: LabelledPage, link_weights: Numbers) -> Numbers:
    scores = list(page.features @ link_weights)
    return np.array(form_features(scores, page.features.tolist(), page.forms))


def _regress(rows: Numbers, labels: Numbers, weights: Numbers, steps: int = 60) -> Numbers:
    """Fits a logistic regression by Newton's method; the first column is constant."""
    ridge = RIDGE * np.eye(rows.shape[1])
    ridge[0, 0] = 1e-3
    solution = np.zeros(rows.shape[1])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(rows @ solution, -30, 30)))
        slope = rows.T @ (weights * (labels - chance)) - ridge @ solution
        curve = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve, slope)
        solution = solution + step
        if abs(step).max() < 1e-6:
            break
    return solution


def measure(page: LabelledPage, weights: tuple[Numbers, Numbers]) -> tuple[float, float]:
    """Returns precision and recall on one page."""
    pairs = zip(page.features.tolist(), _by_form(page, weights[0]).tolist(), strict=True)
    decided = [decide(*pair, weights[1].tolist()) for pair in pairs]
    chosen = np.array(agree(decided, page.features.tolist(), page.forms)) & page.certain
    labels = page.labels * page.certain
    hits = float((chosen * labels).sum())
    return hits / max(1, chosen.sum()), hits / max(1, labels.sum() + page.missing)


def main(folders: Sequence[str]) -> None:
    """Prints the figures and the weights."""
    pages = [page for folder in folders for page in read_pages(Path(folder))]
    for is_listing in (True, False):
        figures: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for site in sorted({page.site for page in pages if page.is_listing is is_listing}):
            weights = learn([page for page in pages if page.site != site])
            figures[site] = [
                measure(page, weights)
                for page in pages
                if page.site == site and page.is_listing is is_listing
            ]
        means = {site: np.mean(each, axis=0) for site, each in figures.items()}
        for site, (precision, recall) in means.items():
            print(f"  {site:<24} {precision:.3f} {recall:.3f}")
        kind = "listings" if is_listing else "article pages"
        precision, recall = np.mean(list(means.values()), axis=0)
        print(f"{kind} of {len(means)} sites: precision {precision:.3f}, recall {recall:.3f}")
    for name, learned in zip(("LINK_WEIGHTS", "FORM_WEIGHTS"), learn(pages), strict=True):
        print(f"{name} = ({', '.join(f'{value:.2f}' for value in learned)})")
    print(
        f"{sum(len(page.labels) for page in pages)} links, {len(pages)} pages, "
        f"{len({page.site for page in pages})} sites"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
