"""Classifies a page before it is stored: article, stub, listing, blocked, error or media.

Typical words such as "captcha" count only on pages with little text, since an article may be
about captchas.
"""

import re
from collections.abc import Callable

from crawler.extract.body.body import letters_only
from crawler.extract.body.listing_pages import listing_reason
from crawler.extract.page.meta import first_meta_value
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData
from crawler.extract.page_facts import (
    LITTLE_TEXT_WEIGHT,
    SHORT_TEXT_WEIGHT,
    TINY_TEXT_WEIGHT,
    Classification,
    PageFacts,
    declares_article,
)
from crawler.extract.refusals import count_own_sentences, find_refusal
from storage.records import PageClass

_BLOCKS_BELOW_TEXT = 6
_REPORT_SENTENCES = 2  # beside a video or many pictures; a caption has one
_FEED_OR_SITEMAP = re.compile(
    r"[\ufeff\s]{0,100}(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<(?:!--[^>]{0,500}--|\?[^>]{0,500})>\s{0,100}){0,5}"
    r"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。！？)）”’\"'」』다요]\s*$")

_PAYWALL = re.compile(
    r"subscribe (?:now |today )?(?:to|for) (?:continue|read|unlock|full|get)|to (?:continue|keep) reading|already a (?:subscriber|member)"
    r"|(?:subscriber|member|premium)s?[- ](?:only|exclusive)|(?:exclusive|reserved) (?:to|for) (?:our )?(?:subscribers|members)"
    r"|(?:log|sign) ?in to (?:read|continue)|unlock this|become a (?:member|subscriber)|read the full (?:story|article)|free trial|create (?:a free )?account to"
    r"|(?:この|本)記事は.{0,12}(?:有料|会員)|有料会員.{0,6}(?:限定|になる|登録)|会員登録(?:して|すると).{0,12}(?:読|続き)|残り ?[:：]? ?[\d０-９,，]+ ?文字|続き(?:を読む|をご覧|は).{0,20}(?:会員|登録|ログイン|購読|有料)"
    r"|유료 ?(?:회원|구독|기사)|구독(?:자|하고|하시|하면).{0,20}(?:전용|전문|계속|볼 ?수|이용)|로그인 ?(?:후|하고|하시).{0,12}(?:전문|계속|볼|이용)|회원 ?전용"
    r"|订阅(?:后|者|会员)|付费(?:阅读|内容|会员)|登录后(?:阅读|查看)|訂閱(?:後|者|會員)|(?:только )?для подписчиков|оформите подписку|читать полностью"
    r"|suscr[ií]bete para|(?:solo|exclusivo) para suscriptores|réservé (?:aux|à nos) abonnés|abonnez-vous pour|nur für abonnenten|mit .{0,20}abo weiterlesen",
    re.IGNORECASE,
)
_PAYWALL_MARKS = re.compile(
    r"paywall|regwall|subscriber-only|premium-(?:content|article)|piano-|tp-modal|meteredContent|locked-?content"
    r"|content-?gate|is-locked|article-?lock|membership-wall",
    re.IGNORECASE,
)
_MEDIA_URL = re.compile(
    r"/(?:videos?|watch|photos?|gallery|galleries|slideshow|pictures?|vod|clips?|live-tv|images)(?:[/?-]|$)"
)
_MEDIA_WORDS = re.compile(
    r"^(?:watch|video|photos?|gallery|in pictures|slideshow|\[?(?:영상|포토|사진|동영상|화보)\]?|動画|写真|视频|圖輯|图集|видео|фото)\b",
    re.IGNORECASE,
)


def is_feed_or_sitemap(page: Page) -> bool:
    """Returns whether an answer is a feed or a sitemap, judged by its root element."""
    return _FEED_OR_SITEMAP.match(page.html) is not None


def classify_page(
    page: Page, facts: PageFacts, get_structured: Callable[[], StructuredData]
) -> Classification:
    """Decides the class of a page.

    `get_structured` is called only if the text alone does not decide.
    """
    # A text's weight is at least its length, so a long text need not be weighed.
    weight = (
        len(facts.text) if len(facts.text) >= 2 * LITTLE_TEXT_WEIGHT else text_weight(facts.text)
    )
    min_weight = 2 * LITTLE_TEXT_WEIGHT if facts.paywalled else SHORT_TEXT_WEIGHT
    if (
        facts.has_rules_text
        and weight >= min_weight
        and (weight >= LITTLE_TEXT_WEIGHT or _SENTENCE_END.search(facts.text))
    ):
        return Classification(PageClass.ARTICLE)
    structured = get_structured()
    if weight >= LITTLE_TEXT_WEIGHT and (
        facts.has_rules_text or declares_article(page, structured)
    ):
        return _classify_article_or_stub(page, facts, structured)
    if weight < LITTLE_TEXT_WEIGHT and (refusal := find_refusal(page, facts, structured)):
        return refusal
    is_declared = declares_article(page, structured) or _starts_like_description(page, facts.text)
    if not is_declared and (
        reason := listing_reason(
            page, facts.title, facts.text, has_printed_date=facts.has_printed_date
        )
    ):
        return Classification(PageClass.LISTING, reason)
    if not facts.text and not facts.title:
        return Classification(PageClass.ERROR, "empty: no title and no text")
    if (
        weight < SHORT_TEXT_WEIGHT
        and count_own_sentences(facts.text) < _REPORT_SENTENCES
        and (classification := _classify_media(page, facts, structured))
    ):
        return classification
    if weight < TINY_TEXT_WEIGHT and not (is_declared or facts.has_rules_text or facts.has_date):
        return Classification(PageClass.ERROR, "no text found")
    return _classify_article_or_stub(page, facts, structured)


def _classify_article_or_stub(
    page: Page, facts: PageFacts, structured: StructuredData
) -> Classification:
    """Distinguishes a whole article from a stub, of which only the beginning is shown."""
    if not facts.text:
        return Classification(PageClass.STUB, "no text on the page, only its lead")
    weight = text_weight(facts.text)
    if weight >= 2 * LITTLE_TEXT_WEIGHT or text_weight(structured.article_body) > 1.5 * weight:
        return Classification(PageClass.ARTICLE)
    breaks_off = not _SENTENCE_END.search(facts.text)
    is_locked = structured.is_free is False or facts.paywalled
    if is_locked and (breaks_off or _has_paywall_element(page)):
        return Classification(PageClass.STUB, "marked as not free to read")
    if _PAYWALL.search(_lines_below_text(page, facts.text)):
        return Classification(PageClass.STUB, "a paywall ends the text")
    if breaks_off and weight < LITTLE_TEXT_WEIGHT and _has_paywall_element(page):
        return Classification(PageClass.STUB, "the text breaks off before a paywall")
    return Classification(PageClass.ARTICLE)


def _has_paywall_element(page: Page) -> bool:
    return any(_PAYWALL_MARKS.search(element.names) for element in page.outline.elements)


def _lines_below_text(page: Page, text: str) -> str:
    """Returns the last paragraph of the text and the few blocks below it."""
    last_letters = letters_only(text.rsplit("\n", 1)[-1][-200:])
    blocks = page.outline.blocks
    matching_blocks = [
        i
        for i, block in enumerate(blocks)
        if last_letters and letters_only(block.text[-300:]).endswith(last_letters)
    ]
    start = matching_blocks[-1] if matching_blocks else len(blocks)
    return "\n".join(block.text for block in blocks[start : start + _BLOCKS_BELOW_TEXT])


def _starts_like_description(page: Page, text: str) -> bool:
    """Returns whether a text begins like the page's description. A list of headlines never does."""
    description = letters_only(first_meta_value(page.meta, "og:description", "description")[0])[:60]
    return len(description) >= 20 and letters_only(text[:600]).startswith(description[:40])


def _classify_media(
    page: Page, facts: PageFacts, structured: StructuredData
) -> Classification | None:
    og_type = page.meta.get("og:type", [""])[0]
    media_types = {"videoobject", "imagegallery", "mediagallery", "audioobject"} & structured.types
    if og_type.startswith(("video", "music")) or (
        media_types and not declares_article(page, structured)
    ):
        return Classification(PageClass.MEDIA, "a video or gallery without a text of its own")
    if _MEDIA_URL.search(page.url) or _MEDIA_WORDS.search(facts.title):
        return Classification(PageClass.MEDIA, "a video or gallery by its address or title")
    picture_count = len(page.tree.css("figure")) + 3 * len(page.tree.css("video"))
    if picture_count >= 6 and text_weight(facts.text) < SHORT_TEXT_WEIGHT:
        return Classification(PageClass.MEDIA, f"{picture_count} pictures and hardly any text")
    return None
