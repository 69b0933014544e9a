"""Recognises house lines: whole sentences in which a newspaper speaks of itself to its readers.

Such a line says what the reader is to do, and has words of two more kinds: the reader, the house,
the channel; a short line needs no channel. A report with such words has a verb of telling or a quotation.
"""

import re

from crawler.extract.body.sentences import QUOTATION, TELLING_VERB
from crawler.extract.page.outline import text_weight

_MAX_WEIGHT = 600
_SHORT_WEIGHT = 120
_MIN_OTHERS = 2
_READER = re.compile(
    r"\b(?:you|your|vous|votre|tu|te|usted|(?-i:Sie|Ihnen|Ihre?n?)|вы|вас|вам|ваш\w{0,3}|pembaca|anda)\b"
    r"|여러분|세요|皆様|皆さま|ください|你|您|大家",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"\b(?:us|our|we|notre|nos|nous|nuestr[oa]s?|uns|unser\w{0,3}|wir|нас|нам|нами|наш\w{0,3}|редакци\w{1,3}|газет\w{1,3}"
    r"|th(?:is|e) (?:article|story|site|newspaper)|cet article|dieser artikel|dieses artikels|este artículo|стать[яюиё]й?"
    r"|[\w-]{2,40}\.(?:com|net|org|ru|fr|de|es|it|jp|cn|kr|hk|tw))\b"
    r"|본지|본사|이 기사|우리|当社|弊社|本紙|本サイト|この記事|本(?:网|網|站|报|報|刊|文)|我们|我們",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"\b(?:subscri\w{1,5}|follow (?:us|our|me|@\w{1,20})|join (?:us|our)|download|sign up|click|donat\w{1,4}|regist(?:er|ration)|log in"
    r"|(?:like|support|e?mail|contact|write to|rate) (?:us|this)|(?:leave|post) a comment|delivered to your|privacy policy|affiliate\w{0,1}"
    r"|suscríb\w{1,6}|sígu?e\w{0,4}|descárg\w{1,4}|únete|abonn\w{2,5}|suivez|rejoign\w{2,4}|inscrivez\w{0,1}|recevez|télécharg\w{1,5}"
    r"|soutenez|folgen|spende\w{0,1}|mitglied|unterstütz\w{1,3}|kommentar\w{0,2}|подпис(?:ывай\w{2,4}|ат[ьс]\w{0,2}|к\w{1,2})|подпишитесь"
    r"|присоединя\w{2,6}|следите|комментир\w{2,12}|комментари\w{1,3}|оцените|выделите|нажмите|напишите|сообщите|скача\w{2,5}"
    r"|ikuti|iscrivi\w{0,4}|seguici)\b|구독|다운로드|팔로우|눌러|제보|댓글|응원해|登録|購読|フォロー|ダウンロード|お寄せ|お届け"
    r"|下[载載]|[关關]注.{0,12}(?:微信|微博|[帐账帳][号號]|公[众眾]|官方)|[扫掃]描|订阅|訂閱|点击|點擊|按此|讚好|投稿|爆料",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"\b(?:facebook|twitter|telegram|whatsapp|instagram|youtube|tiktok|google news|rss|newsletters?|apps?|inbox|podcasts?"
    r"|website|boletín|canal|site|application|konto|kanal|ctrl ?\+ ?enter|сайт\w{0,2}|канал\w{0,2}|телеграм\w{0,5}|в ?контакте"
    r"|рассылк\w{1,3}|мнени[ея])\b|[a-z]app\b|카카오톡|네이버|유튜브|텔레그램|채널|アプリ|メルマガ|公式|客[户戶]端"
    r"|公[众眾][号號]|微信|微博|[二維维]{1,2}[码碼]|专页|專頁|https?:",
    re.IGNORECASE,
)
# A Korean notice speaks politely; only a report ends its sentence plainly.
_PLAIN_KOREAN = re.compile(r"[가-힣](?<!니)다\.?\Z")
_ALWAYS = re.compile(
    r"\W{0,2}(?:免[责責][声聲]明|特[别別][声聲]明|免責事項|면책|disclaimer|descargo de responsabilidad|уважаемые читатели|the views expressed)"
    r"|(?:ctrl ?\+ ?enter|réservée? aux abonnés|有料会員限定|会員登録すると|unlimited access)",
    re.IGNORECASE,
)


def is_house_line(text: str) -> bool:
    """Returns whether a paragraph is the newspaper's word to its readers about itself."""
    if text_weight(text) > _MAX_WEIGHT:
        return False
    if _ALWAYS.search(text):
        return True
    if (
        _PLAIN_KOREAN.search(text)
        or QUOTATION.search(text)
        or TELLING_VERB.search(text)
        or not _ACTION.search(text)
    ):
        return False
    named = sum(1 for words in (_READER, _HOUSE) if words.search(text))
    if text_weight(text) <= _SHORT_WEIGHT and named:
        return True
    return named + (_CHANNEL.search(text) is not None) >= _MIN_OTHERS
