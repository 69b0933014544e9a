from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, Listing

SITE = "https://www.voakorea.com"
# Pangea, the site software of VOA and RFE/RL.
PANGEA = Rules(
    title=("h1.pg-title", "h1.title"),
    lead="#article-content .intro, .intro.intro--bold",
    body=(
        "#article-content .wsw > p, #article-content .wsw > h2, #article-content .wsw > h3",
        "#article-content .wsw",
    ),
    date=(".published time@datetime", "time[pubdate]@datetime"),
    authors=".publishing-details .links__item-link",
    section=".category a",
    captions="#article-content .caption, .media-image .caption",
    drop=(".wsw__embed", ".wsw__a-share", ".media-download"),
)


class VoaKorean(Outlet):
    """Voice of America in Korean (VOA 한국어)."""

    name = "voa_korean"
    every = timedelta(hours=2)
    languages = ("ko",)
    country, timezone = "US", "Asia/Seoul"
    hosts = ("voakorea.com",)
    rights, rights_note = "full", "VOA's own texts are in the public domain"
    article = r"/a/(?:[^/?#]+/)?\d{5,}\.html"
    key = r"/a/(?:[^/?#]+/)?(\d{5,})\.html"
    sources = (
        Feed(f"{SITE}/api/zoikol-vomx-tpepgjp", verified="U 2026-10-10, daily"),
        Feed(f"{SITE}/api/zpokyl-vomx-tpe_kjt", verified="U 2026-10-10, daily"),
        Listing(
            f"{SITE}/z/2712",
            item=".media-block",
            title=(".media-block__title", "h4"),
            date=".date",
            verified="U 2026-10",
        ),
    )
    rules = (PANGEA,)
