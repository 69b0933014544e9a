"""Shows an agency's updates (LEAD, 2nd LD, 종합 ...) as stages of one report."""

from typing import TYPE_CHECKING, Any

from cli.show.printing import format_article_time, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.changes.wire_chains import ChainLink

    Chains = Sequence[tuple[ChainLink, ...]]


def chain_rows(chains: "Chains") -> list[dict[str, Any]]:
    """Returns chains as dicts for JSON.

    Each has its outlet and its stages in order, with what changed since the stage before.
    """
    return [
        {"outlet": links[0].article.outlet, "stages": [_stage(link) for link in links]}
        for links in chains
    ]


def print_chains(chains: "Chains") -> None:
    """Prints the chains as tables."""
    for chain in chain_rows(chains):
        print(f"\n{chain['outlet']}: stages of one report, announced as such")
        print_table(
            ("stage", ">article", "story", "at", "size", "~headline"),
            [
                (
                    stage["mark"] or "first",
                    stage["article"],
                    f"s{stage['story']}",
                    format_article_time(stage["published_at"], stage["first_seen_at"]),
                    f"+{stage['added']} -{stage['removed']}" if "added" in stage else "",
                    stage["title"],
                )
                for stage in chain["stages"]
            ],
            drops=("size", "story"),
        )


def _stage(link: "ChainLink") -> dict[str, Any]:
    row: dict[str, Any] = {
        "mark": link.stage.mark,
        "article": link.article.id,
        "story": link.article.story_id,
        "at": link.article.published or link.at,
        "published_at": link.article.published,
        "first_seen_at": link.article.first_seen_at,
        "url": link.article.url,
        "title": link.article.title,
    }
    if link.change is not None:
        row |= {
            "kinds": list(link.change.kinds),
            "added": link.change.added,
            "removed": link.change.removed,
        }
    return row
