"""Recognises pages that a site shows in an article's place: checks, consent, logins, errors.

Such a page speaks of itself, to its reader: typical words are a large part of its headline and of its
lines, or it says "you" and "please". A report on hackers, logins or maintenance has sentences that
do neither, under a headline of its own.
"""

import re
from collections.abc import Iterable

from crawler.extract import element_names
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData
from crawler.extract.page_facts import (
    LITTLE_TEXT_WEIGHT,
    SHORT_TEXT_WEIGHT,
    Classification,
    PageFacts,
    declares_article,
)
from dedup.text.sentences import split_sentences
from storage.records import PageClass

_MIN_SENTENCE_WEIGHT = 40
_MIN_UNDATED_WEIGHT, _MIN_UNDATED_SENTENCES = 160, 2
_MIN_UNDATED_SENTENCE_WEIGHT = 90
_MIN_TYPICAL_SHARE = 0.5  # of the letters of a headline or a sentence

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
    r"|(?:cookies?|쿠키|クッキー).{0,80}(?:동의|同意|zustimm|einwillig|akzeptier|acceptez|aceptar|соглас)"
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
    r"^\W{0,20}(?:error )?(?:40[04]|50[0234])\b|\b(?:error|http|status|code|ошибка)[ :]{0,2}[45]\d\d\b|page (?:not found|unavailable|cannot be found|does ?n.t exist)|not found"
    r"|be (?:right )?back (?:soon|shortly|online)|under construction|no longer (?:available|exists)|(?:does not|doesn.t) exist|can.?t be found|something went wrong|internal server error"
    r"|service (?:temporarily )?unavailable|bad gateway|temporarily (?:down|unavailable)|under maintenance|oops"
    r"|domain (?:name )?(?:is|may be|has) (?:listed )?(?:for sale|parked|expired)|buy this domain|도메인.{0,12}(?:판매|만료)|ドメイン.{0,12}(?:販売中|売り|期限切れ)"
    r"|(?:此|该|本)?域名.{0,8}(?:出售|过期|轉讓|转让)|домен.{0,12}(?:прода[её]тся|истек|припаркован)|diese domain .{0,12}verk[aä]uf"
    r"|페이지를? ?찾을 ?수 ?없|존재하지 ?않는|삭제된 ?(?:기사|페이지|게시)|삭제되었|알 ?수 ?없는 ?주소|잘못된 ?(?:접근|주소|경로)|서비스 ?점검|일시적인 ?(?:오류|장애)"
    r"|ページが(?:見つかりません|存在しません)|お探しの(?:ページ|記事)|(?:記事|ページ)は(?:削除|終了|ありません|掲載期間)|メンテナンス"
    r"|(?:页面|网页|頁面|文章).{0,6}(?:不存在|找不到|不見|已删除|已刪除|无法)|找不到(?:页面|網頁|该)|系统维护|страница не (?:найдена|существует)"
    r"|ошибка 404|запрашиваем.{0,20}не найден|página no (?:encontrada|existe|disponible)|no se (?:encontró|encuentra) la página"
    r"|page introuvable|(?:n.existe (?:pas|plus))|seite (?:wurde )?nicht gefunden|nicht (?:mehr )?verfügbar",
    re.IGNORECASE | re.MULTILINE,
)

_DOWN = re.compile(
    r"\b50[0234]\b|be (?:right )?back|under (?:construction|maintenance)|something went wrong|internal server error|oops"
    r"|service (?:temporarily )?unavailable|bad gateway|temporarily|서비스 ?점검|일시적인|メンテナンス|系统维护",
    re.IGNORECASE,
)
SITE_DOWN = "says that the site is down"
"""The reason of an error page that says nothing about the article."""

# How a page speaks to its reader: "you", "please", and the polite forms of Korean and Japanese.
_TO_READER = re.compile(
    r"\b(?:you|your|yours|please|we|our|usted|su navegador|por favor|vous|votre|vos|veuillez|bitte|wir|unser\w*|вы|вас|вам|ваш\w*"
    r"|пожалуйста|мы|наш\w*)\b|세요|십시오|바랍니다|주시기|요청하신|고객님|회원님"
    r"|ください|お客様|お探し|ご(?:確認|利用|了承|不便|迷惑)|(?<![申邀聘宴])[请請]|您|你",
    re.IGNORECASE,
)
_HEADLINE_PARTS = re.compile(r"\s[|｜–—-]\s|[|｜.!?。！？:：]")


def find_refusal(page: Page, facts: PageFacts, structured: StructuredData) -> Classification | None:
    """Returns the class of a check, consent, login or error page; None for other pages."""
    if facts.has_rules_text or (structured.published and facts.text):
        return None
    titles = (facts.title, *page.meta.get("document-title", ()))
    if _has_own_report(page, facts, structured, titles):
        return None
    visible_text = "\n".join(block.text for block in page.outline.blocks)[:20_000]
    is_small = text_weight(visible_text) < 2 * LITTLE_TEXT_WEIGHT
    is_short = text_weight(facts.text) < SHORT_TEXT_WEIGHT
    shown_text = visible_text if is_small else facts.text
    if is_short and _is_typical(titles, _BLOCKED_TITLE):
        return Classification(PageClass.BLOCKED, "a check, consent or login page by its title")
    if (is_small or is_short) and _BLOCKED_TEXT.search(shown_text):
        return Classification(PageClass.BLOCKED, "a check, consent or login page by its text")
    if not is_short:
        return None
    if any(mark in page.html for mark in _BLOCKED_MARKS):
        return Classification(PageClass.BLOCKED, "a captcha and no text")
    if not facts.has_date and page.tree.css_first("input[type=password]"):
        return Classification(PageClass.BLOCKED, "a login form and no text")
    if _is_typical(titles, _ERROR) or _ERROR.search(shown_text):
        return Classification(PageClass.ERROR, _error_reason("\n".join((*titles, shown_text))))
    return None


def _error_reason(shown_text: str) -> str:
    """Returns SITE_DOWN only if no words say that the page is gone."""
    words = [match[0] for match in _ERROR.finditer(shown_text)]
    is_down = bool(words) and all(map(_DOWN.search, words))
    return SITE_DOWN if is_down else "says that there is no such page"


def count_own_sentences(text: str) -> int:
    """Returns the number of sentences that are long enough and neither typical nor to the reader."""
    return sum(map(_is_own_sentence, split_sentences(text)))


def _has_own_report(
    page: Page, facts: PageFacts, structured: StructuredData, titles: Iterable[str]
) -> bool:
    """Returns whether a page has a headline and sentences of its own, whatever stands beside them.

    One sentence is enough if the page is marked up as an article, and is dated or the sentence long.
    A headline of typical words is one's own only on a dated page that says that it is an article.
    """
    weights = [text_weight(each) for each in split_sentences(facts.text) if _is_own_sentence(each)]
    if not weights:
        return False
    if _is_typical(titles, _BLOCKED_TITLE) or _is_typical(titles, _ERROR):
        return facts.has_printed_date and declares_article(page, structured)
    if len(weights) >= _MIN_UNDATED_SENTENCES and sum(weights) >= _MIN_UNDATED_WEIGHT:
        return True
    return (facts.has_printed_date or sum(weights) >= _MIN_UNDATED_SENTENCE_WEIGHT) and (
        declares_article(page, structured)
        or any(
            each.tag == "article" or element_names.is_body(each.names)
            for each in page.outline.elements
        )
    )


def _is_own_sentence(sentence: str) -> bool:
    return (
        text_weight(sentence.strip()) >= _MIN_SENTENCE_WEIGHT
        and not _TO_READER.search(sentence)
        and not _BLOCKED_TEXT.search(sentence)
        and _typical_share(sentence, _ERROR) < _MIN_TYPICAL_SHARE
    )


def _is_typical(titles: Iterable[str], words: re.Pattern[str]) -> bool:
    """Returns whether more than half of a part of a headline are typical words."""
    return any(
        _typical_share(part, words) > _MIN_TYPICAL_SHARE
        for title in titles
        for part in _HEADLINE_PARTS.split(title)
    )


def _typical_share(text: str, words: re.Pattern[str]) -> float:
    stripped = text.strip()
    return sum(len(each[0]) for each in words.finditer(stripped)) / (len(stripped) or 1)
