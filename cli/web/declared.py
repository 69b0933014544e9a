"""Gives the declared outlets to the web pages, which know nothing of the crawl."""

from collections.abc import Container, Mapping

from crawler.outlet import Outlet
from web.options import DeclaredOutlet


def declared_outlets(
    outlets: Mapping[str, type[Outlet]], chosen: Container[str] | None = None
) -> dict[str, DeclaredOutlet]:
    """Returns what each outlet declares, by its name, as plain values.

    `chosen`: the names of those that the settings choose; None for all.
    """
    return {
        name: _declared_outlet(outlet, is_chosen=chosen is None or name in chosen)
        for name, outlet in outlets.items()
    }


def _declared_outlet(outlet: type[Outlet], *, is_chosen: bool) -> DeclaredOutlet:
    return DeclaredOutlet(
        name=outlet.name,
        title=" ".join((outlet.__doc__ or outlet.name).split()).rstrip("."),
        country=outlet.country,
        languages=outlet.languages,
        every=outlet.every,
        sources=tuple(source.url for source in outlet.sources if source.until is None),
        rights=outlet.rights,
        rights_note=outlet.rights_note,
        agency_rank=outlet.agency_rank,
        is_chosen=is_chosen,
    )
