"""Classifies a page before it is stored: article, stub, listing, blocked, error or media.

Typical words such as "captcha" count only on pages with little text, since an article may be
about captchas.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from crawler.extract.body.body import letters_only
from crawler.extract.body.listing_pages import listing_reason
from crawler.extract.page.meta import first_meta_value
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData
from storage.records import PageClass

LITTLE_TEXT_WEIGHT = 700
SHORT_TEXT_WEIGHT = 320
TINY_TEXT_WEIGHT = 60
_BLOCKS_BELOW_TEXT = 6
_FEED_OR_SITEMAP = re.compile(
    r"[\ufeff\s]{0,100}(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<(?:!--[^>]{0,500}--|\?[^>]{0,500})>\s{0,100}){0,5}"
    r"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。！？)）”’\"'」』다요]\s*$")

_BLOCKED_TITLE = re.compile(
    r"just a moment|attention required|access denied|are you (?:a )?(?:human|robot)|robot check|security check"
    r"|captcha (?:check|required)|^captcha|checking your browser|verify(?:ing)? you are|ddos|unusual traffic|pardon our interruption"
    r"|before you continue|human verification|request blocked|^(?:403 )?forbidden\W*$|you have been blocked"
    r"|접근이? ?(?:거부|차단)|로그인|자동 ?(?:입력|등록) ?방지|アクセスが拒否|ログイン|访问(?:被拒绝|受限)|安全验证|验证码|登录"
    r"|доступ (?:ограничен|запрещ)|вы не робот|проверка браузера|acceso denegado|accès refusé|zugriff verweigert"
    r"|^(?:log ?in|sign ?in|cookie|consent|privacy (?:settings|choices))\b|iniciar sesión|se connecter|anmelden",
    re.IGNORECASE,
)
_BLOCKED_TEXT = re.compile(
    r"verify (?:that )?you are (?:a )?human|not a robot|enable (?:js|javascript) and (?:disable|cookies)"
    r"|checking (?:if the site connection is secure|your browser)|complete the (?:captcha|security check)"
    r"|your (?:ip|access|request) .{0,40}(?:blocked|denied)|unusual (?:traffic|activity) from your"
    r"|we (?:and our partners|value your privacy|use cookies).{0,200}(?:accept|consent|agree)"
    r"|please (?:log|sign) in to continue|로봇이 아닙니다|보안 ?문자를? ?입력|비정상적인 (?:접근|트래픽)|접속이 차단"
    r"|ロボットではありません|画像認証|请完成(?:安全)?验证|拖动滑块|подтвердите, что вы не робот",
    re.IGNORECASE | re.DOTALL,
)
_BLOCKED_MARKS = (
    "g-recaptcha", "h-captcha", "hcaptcha.com", "cf-challenge", "challenge-platform", "cf-turnstile",
    "_Incapsula_Resource", "px-captcha", "datadome", "captcha-delivery", "servicepipe", "ddos-guard",
    "geo.captcha", "awswaf",
)  # fmt: skip
_ERROR = re.compile(
    r"^\W*(?:error )?(?:40[04]|50[0234])\b|\b(?:error|http|status|code|ошибка)[ :]{0,2}[45]\d\d\b|page (?:not found|unavailable|cannot be found|does ?n.t exist)|not found"
    r"|no longer (?:available|exists)|(?:does not|doesn.t) exist|can.?t be found|something went wrong|internal server error"
    r"|service (?:temporarily )?unavailable|bad gateway|temporarily (?:down|unavailable)|under maintenance|oops"
    r"|페이지를? ?찾을 ?수 ?없|존재하지 ?않는|삭제된 ?(?:기사|페이지|게시)|삭제되었|알 ?수 ?없는 ?주소|잘못된 ?(?:접근|주소|경로)|서비스 ?점검|일시적인 ?(?:오류|장애)"
    r"|ページが(?:見つかりません|存在しません)|お探しの(?:ページ|記事)|(?:記事|ページ)は(?:削除|終了|ありません|掲載期間)|メンテナンス"
    r"|(?:页面|网页|頁面|文章).{0,6}(?:不存在|找不到|不見|已删除|已刪除|无法)|找不到(?:页面|網頁|该)|系统维护|страница не (?:найдена|существует)"
    r"|ошибка 404|запрашиваем.{0,20}не найден|página no (?:encontrada|existe|disponible)|no se (?:encontró|encuentra) la página"
    r"|page introuvable|(?:n.existe (?:pas|plus))|seite (?:wurde )?nicht gefunden|nicht (?:mehr )?verfügbar",
    re.IGNORECASE | re.MULTILINE,
)
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


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What was read from a page, for its classification. `text` is without the lead.

    `has_rules_text`: the outlet's rules found the text. `paywalled`: the outlet sells its texts.
    """

    title: str
    text: str
    has_date: bool
    has_rules_text: bool = False
    paywalled: bool = False


@dataclass(frozen=True, slots=True)
class Classification:
    """A page's class, and the reason in one line; "" for an article."""

    page_class: PageClass
    reason: str = ""


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
        facts.has_rules_text or _declares_article(page, structured)
    ):
        return _classify_article_or_stub(page, facts, structured)
    if weight < LITTLE_TEXT_WEIGHT and (
        classification := _classify_blocked_or_error(page, facts, structured)
    ):
        return classification
    is_declared = _declares_article(page, structured) or _starts_like_description(page, facts.text)
    if not is_declared and (reason := listing_reason(page, facts.title, facts.text)):
        return Classification(PageClass.LISTING, reason)
    if not facts.text and not facts.title:
        return Classification(PageClass.ERROR, "empty: no title and no text")
    if weight < SHORT_TEXT_WEIGHT and (classification := _classify_media(page, facts, structured)):
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


def _classify_blocked_or_error(
    page: Page, facts: PageFacts, structured: StructuredData
) -> Classification | None:
    """Recognises bot checks, consent pages, login pages and error pages; None for other pages.

    Such pages have few words, and nearly all of them are typical.
    """
    if _has_structured_date(facts, structured) or facts.has_rules_text:
        return None
    weight = text_weight(facts.text)
    titles = (facts.title, *page.meta.get("document-title", ()))
    visible_text = _visible_text(page)
    is_small = text_weight(visible_text) < 2 * LITTLE_TEXT_WEIGHT
    if weight < SHORT_TEXT_WEIGHT and any(map(_BLOCKED_TITLE.search, titles)):
        return Classification(PageClass.BLOCKED, "a check, consent or login page by its title")
    if (is_small or weight < SHORT_TEXT_WEIGHT) and _BLOCKED_TEXT.search(
        visible_text if is_small else facts.text
    ):
        return Classification(PageClass.BLOCKED, "a check, consent or login page by its text")
    if weight < SHORT_TEXT_WEIGHT and any(mark in page.html for mark in _BLOCKED_MARKS):
        return Classification(PageClass.BLOCKED, "a captcha and no text")
    if (
        weight < SHORT_TEXT_WEIGHT
        and not facts.has_date
        and page.tree.css_first("input[type=password]")
    ):
        return Classification(PageClass.BLOCKED, "a login form and no text")
    if weight < SHORT_TEXT_WEIGHT and any(
        map(_ERROR.search, (*titles, visible_text if is_small else facts.text))
    ):
        return Classification(PageClass.ERROR, "says that there is no such page")
    return None


def _has_structured_date(facts: PageFacts, structured: StructuredData) -> bool:
    return bool(structured.published) and bool(facts.text)


def _declares_article(page: Page, structured: StructuredData) -> bool:
    if any("article" in kind or "posting" in kind for kind in structured.types):
        return True
    return "article:published_time" in page.meta or page.meta.get("og:type", [""])[0] == "article"


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
        media_types and not _declares_article(page, structured)
    ):
        return Classification(PageClass.MEDIA, "a video or gallery without a text of its own")
    if _MEDIA_URL.search(page.url) or _MEDIA_WORDS.search(facts.title):
        return Classification(PageClass.MEDIA, "a video or gallery by its address or title")
    picture_count = len(page.tree.css("figure")) + 3 * len(page.tree.css("video"))
    if picture_count >= 6 and text_weight(facts.text) < SHORT_TEXT_WEIGHT:
        return Classification(PageClass.MEDIA, f"{picture_count} pictures and hardly any text")
    return None


def _visible_text(page: Page) -> str:
    return "\n".join(block.text for block in page.outline.blocks)[:20_000]
