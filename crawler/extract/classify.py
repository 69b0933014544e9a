"""What a page is, before anything of it is stored: article, stub, listing, blocked, error, media.

Words decide only where there is little text: an article about captchas is an article.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from crawler.extract.body.body import letters
from crawler.extract.body.fronts import listing_reason
from crawler.extract.page.meta import first
from crawler.extract.page.outline import weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import Structured
from storage.records import PageClass

LITTLE = 700
SHORT = 320
TINY = 60
_BELOW = 6
_SOURCE = re.compile(
    r"[\ufeff\s]{0,100}(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<(?:!--[^>]{0,500}--|\?[^>]{0,500})>\s{0,100}){0,5}"
    r"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?。！？)）”’\"'」』다요]\s*$")

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
class Seen:
    """What was read of a page, for judging it. `text` without the lead; `rules`: declared ones fit."""

    title: str
    text: str
    has_date: bool
    rules: bool = False
    paywalled: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    page_class: PageClass
    reason: str = ""


def is_source(page: Page) -> bool:
    """Say whether an answer is a feed or a sitemap."""
    return _SOURCE.match(page.html) is not None


def classify(page: Page, seen: Seen, about: Callable[[], Structured]) -> Verdict:
    """Judge a page; the reason is one line. Only a page in doubt is looked at as a whole."""
    # A text of so many characters need not be weighed.
    length = len(seen.text) if len(seen.text) >= 2 * LITTLE else weight(seen.text)
    enough = 2 * LITTLE if seen.paywalled else SHORT
    if seen.rules and length >= enough and (length >= LITTLE or _ENDS.search(seen.text)):
        return Verdict(PageClass.ARTICLE)
    structured = about()
    if length >= LITTLE and (seen.rules or _says_article(page, structured)):
        return _whole(page, seen, structured)
    if length < LITTLE and (verdict := _refused(page, seen, structured)):
        return verdict
    told = _says_article(page, structured) or _opens_as_described(page, seen.text)
    if not told and (reason := listing_reason(page, seen.title, seen.text)):
        return Verdict(PageClass.LISTING, reason)
    if not seen.text and not seen.title:
        return Verdict(PageClass.ERROR, "empty: no title and no text")
    if length < SHORT and (verdict := _media(page, seen, structured)):
        return verdict
    if length < TINY and not (told or seen.rules or seen.has_date):
        return Verdict(PageClass.ERROR, "no text found")
    return _whole(page, seen, structured)


def _whole(page: Page, seen: Seen, structured: Structured) -> Verdict:
    """Tell an article from one of which only the beginning is shown."""
    if not seen.text:
        return Verdict(PageClass.STUB, "no text on the page, only its lead")
    length = weight(seen.text)
    if length >= 2 * LITTLE or weight(structured.article_body) > 1.5 * length:
        return Verdict(PageClass.ARTICLE)
    cut = not _ENDS.search(seen.text)
    locked = structured.free is False or seen.paywalled
    if locked and (cut or _has_wall(page)):
        return Verdict(PageClass.STUB, "marked as not free to read")
    if _PAYWALL.search(_below(page, seen.text)):
        return Verdict(PageClass.STUB, "a paywall ends the text")
    if cut and length < LITTLE and _has_wall(page):
        return Verdict(PageClass.STUB, "the text breaks off before a paywall")
    return Verdict(PageClass.ARTICLE)


def _has_wall(page: Page) -> bool:
    return any(_PAYWALL_MARKS.search(element.names) for element in page.outline.elements)


def _below(page: Page, text: str) -> str:
    """Give the last paragraph and the lines that stand right below it."""
    last = letters(text.rsplit("\n", 1)[-1][-200:])
    blocks = page.outline.blocks
    found = [
        i for i, block in enumerate(blocks) if last and letters(block.text[-300:]).endswith(last)
    ]
    start = found[-1] if found else len(blocks)
    return "\n".join(block.text for block in blocks[start : start + _BELOW])


def _refused(page: Page, seen: Seen, structured: Structured) -> Verdict | None:
    """Tell checks, consent and login pages and errors; their words are few and all about that."""
    if _dated(seen, structured) or seen.rules:
        return None
    length = weight(seen.text)
    heads = (seen.title, *page.meta.get("document-title", ()))
    shown = _visible(page)
    small = weight(shown) < 2 * LITTLE
    if length < SHORT and any(map(_BLOCKED_TITLE.search, heads)):
        return Verdict(PageClass.BLOCKED, "a check, consent or login page by its title")
    if (small or length < SHORT) and _BLOCKED_TEXT.search(shown if small else seen.text):
        return Verdict(PageClass.BLOCKED, "a check, consent or login page by its text")
    if length < SHORT and any(mark in page.html for mark in _BLOCKED_MARKS):
        return Verdict(PageClass.BLOCKED, "a captcha and no text")
    if length < SHORT and not seen.has_date and page.tree.css_first("input[type=password]"):
        return Verdict(PageClass.BLOCKED, "a login form and no text")
    if length < SHORT and any(map(_ERROR.search, (*heads, shown if small else seen.text))):
        return Verdict(PageClass.ERROR, "says that there is no such page")
    return None


def _dated(seen: Seen, structured: Structured) -> bool:
    return bool(structured.published) and bool(seen.text)


def _says_article(page: Page, structured: Structured) -> bool:
    if any("article" in kind or "posting" in kind for kind in structured.types):
        return True
    return "article:published_time" in page.meta or page.meta.get("og:type", [""])[0] == "article"


def _opens_as_described(page: Page, text: str) -> bool:
    """Say whether a text begins as the page's description does, which no list of headlines does."""
    said = letters(first(page.meta, "og:description", "description")[0])[:60]
    return len(said) >= 20 and letters(text[:600]).startswith(said[:40])


def _media(page: Page, seen: Seen, structured: Structured) -> Verdict | None:
    kind = page.meta.get("og:type", [""])[0]
    shown = {"videoobject", "imagegallery", "mediagallery", "audioobject"} & structured.types
    if kind.startswith(("video", "music")) or (shown and not _says_article(page, structured)):
        return Verdict(PageClass.MEDIA, "a video or gallery without a text of its own")
    if _MEDIA_URL.search(page.url) or _MEDIA_WORDS.search(seen.title):
        return Verdict(PageClass.MEDIA, "a video or gallery by its address or title")
    pictures = len(page.tree.css("figure")) + 3 * len(page.tree.css("video"))
    if pictures >= 6 and weight(seen.text) < SHORT:
        return Verdict(PageClass.MEDIA, f"{pictures} pictures and hardly any text")
    return None


def _visible(page: Page) -> str:
    return "\n".join(block.text for block in page.outline.blocks)[:20_000]
