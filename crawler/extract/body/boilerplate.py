"""Recognises boilerplate: lines that newspapers print around a text and that are not part of it.

The whole line must match, and a line that is a sentence of a report is none. There is one pattern
for each kind of line, for all languages. Each runs in linear time and is tried only on short lines.
"""

import re

from crawler.extract.body.sentences import ends_like_sentence, is_report_sentence
from crawler.extract.dates.months import MONTH_PATTERN
from crawler.extract.page.outline import text_weight

_MAX_LINE_WEIGHT = 260
_MAX_CAPTION_WEIGHT = 520
_MAX_TOOLS = 8
_MAX_CREDIT_CHARS = 120

_LINK_LIST_HEADINGS = (
    r"related(?: (?:articles?|stor(?:y|ies)|coverage|news|topics?|links?|reading|content))?"
    r"|read (?:more|also|next|this)|see also|also read|also on|more on|more from|recommended"
    r"|you may also like|most (?:read|popular|viewed)|trending|editor'?s? picks?|dig deeper"
    r"|watch(?: live)?|listen|관련 ?(?:기사|뉴스)|주요 ?(?:기사|뉴스)|많이 본 (?:기사|뉴스)|이 시각 .{0,8}뉴스|핫 ?뉴스"
    r"|이 기사와 관련된 기사|함께 ?보면 .{0,10}|関連(?:記事|ニュース|リンク|キーワード)|あわせて読みたい|合わせて読みたい"
    r"|おすすめ(?:記事)?|相关(?:新闻|阅读|链接|报道)|相關(?:新聞|閱讀|文章)|延伸(?:阅读|閱讀)|推荐阅读|更多(?:新闻|阅读)"
    r"|相关(?:专题|文章|稿件|内容)|热(?:门(?:新闻|文章)?|点(?:新闻)?|读)|更多(?:内容|报道|精彩.{0,6})|猜你喜欢|阅读更多|閱讀更多|(?:上|下)一篇[:：].{0,60}"
    r"|次に読みたい|人気(?:記事|ランキング)|続きを読む|最新ニュース|추천 ?(?:기사|뉴스)|인기 ?(?:기사|뉴스)|기사 ?더 ?보기|(?:이전|다음) ?기사.{0,60}"
    r"|читайте (?:также|ещ[её])|(?:ещ[её] )?по теме|(?:материалы|новости|статьи) по теме|смотрите также|другие (?:материалы|новости|статьи)"
    r"|подробнее|последние новости|самое (?:читаемое|популярное)|lee también|lea también|más (?:noticias|información)|lo más (?:leído|visto)"
    r"|(?:también )?te puede interesar|te recomendamos|noticias? relacionadas?|(?:à )?lire (?:aussi|également|la suite)|voir aussi"
    r"|sur le même (?:sujet|thème)|dans la même rubrique|pour aller plus loin|les plus lus|lesen sie (?:auch|mehr)|mehr zum thema"
    r"|auch interessant|siehe auch|meistgelesen|weitere (?:artikel|nachrichten|themen)|czytaj (?:więcej|też|także)|leia (?:também|mais)|leggi anche"
    r"|(?:more|other|latest) (?:coverage|news|stories|articles)|(?:story|article) continue[sd] (?:below|after).{0,40}"
)
_TOOLS = (
    r"share(?: (?:this|page|on|via|with).{0,40})?|save|print|e-?mail|copy link|follow (?:us|rt|bbc)?.{0,40}"
    r"|like this story\?.{0,60}|think your friends .{0,60}|tweet|comments?(?: ?\(?\d*\)?)?|facebook|twitter"
    r"|whatsapp|telegram|advertisement|ad feedback|광고|広告|广告|廣告|\[?\(?(?:pr|ad)\)?\]?|publicidad|werbung|anzeige"
    r"|реклама|publicité|skip (?:to|past) .{0,60}|subscribe(?: (?:now|here|to).{0,60})?|sign up .{0,120}"
    r"|get short url|\d{1,3} min(?:ute)? read|loading\.{0,3}|about sharing|this story was .{0,20}translated (?:by|from|using|with).{0,60}"
    r"|\d{1,6} (?:comments?|shares?|views?|просмотр\w{0,3}|комментари\w{1,2}|commentaires?|réactions?|partages?|comentarios?|kommentare?)"
    r"|(?:leave|post|write|add|view) (?:a|all|your)? ?comments?|(?:text|font) size.{0,20}|report (?:an )?error|back to top"
    r"|(?:기사 ?)?좋아요 ?\d*|(?:이 기사를 )?공유(?:하기|합니다)?|댓글(?: ?(?:쓰기|달기))? ?\d*|조회(?:수)? ?:? ?[\d,]{1,9}|스크랩|인쇄(?:하기)?|글[자씨] ?크기.{0,20}|기사 ?듣기"
    r"|본문 ?듣기|url ?복사|기사 url이 복사되었습니다\.?"
    r"|シェア(?:する)?|ツイート|印刷(?:する)?|保存(?:する)?|ブックマーク|コメント ?\d{0,6}件?|文字サイズ.{0,12}|メールで送る"
    r"|分享(?:到|至)?.{0,20}|字[体體号號].{0,12}|[【\[]?(?:打印|列印|关闭|關閉)(?:本?页|本?頁)?[】\]]?|收藏|我要(?:评论|評論)|(?:发表|發表)?(?:评论|評論) ?[(（]?\d{0,6}[)）]?"
    r"|(?:阅读|点击|浏览|閱讀|點擊|瀏覽)(?:[数量數次])?[:：] ?\d{1,9}|\d{1,9} ?(?:条评论|次浏览|人阅读|則評論|人參與)|扫一扫.{0,20}|返回首[页頁]"
    r"|поделиться(?: .{0,30})?|версия для печати|распечатать|обсудить(?: .{0,20})?|комментарии(?: ?\(?\d*\)?)?|в закладки|отправить (?:другу|по почте)"
    r"|partager(?: .{0,30})?|imprimer(?: .{0,20})?|réagir(?: .{0,20})?|commentaires?(?: ?\(?\d*\)?)?|envoyer (?:.{0,14} )?par e?-?mail"
    r"|compartir(?: .{0,30})?|imprimir|comentarios?(?: ?\(?\d*\)?)?|teilen|drucken|merken|kommentare?(?: ?\(?\d*\)?)?"
    r"|(?:artikel|diesen artikel) (?:.{0,12} )?(?:drucken|teilen|versenden|merken)"
)
_TAGS = (
    r"(?:tags?|keywords?|filed under|теги|метки|ключевые слова|标签|標籤|关键词|關鍵[詞字]|タグ|キーワード|태그|키워드|mots-clés"
    r"|etiquetas|schlagw(?:orte|örter)) ?[:：].{0,200}"
)
_END_MARKS = (
    r"[(（【\[<〈]?(?:end|끝|完|了|おわり)[)）】\]>〉]?|[-－—ー]{1,3} ?0 ?[-－—ー]{1,3}|[-－—_*＊=·•■□◆◇▲▼ ]{1,20}"
    r"|\S{1,40}@\S{1,60}\.[a-z]{2,6}(?: ?\(end\)| ?\(끝\))?|https?://\S{1,300}|www\.\S{1,200}"
    r"|[가-힣 ,·=]{2,30}(?:기자|특파원|앵커|에디터|논설위원)? ?[(<\[]?\S{1,40}@\S{1,60}\.[a-z]{2,6}[)>\]]?"
    r"|(?:#[^\s#]{1,40}\s*){1,20}|\$\$\w{1,40}\$\$|%%\w{1,40}%%|\{\{[^{}]{1,40}\}\}"
)
_RIGHTS_CLAIMS = (
    r".{0,60}(?:무단 ?(?:전재|복제|배포)|재배포 ?(?:및|금지)|저작권자|all rights reserved|無断(?:転載|複製)|版权所有"
    r"|版權所有|未经.{0,20}(?:授权|许可)|不得转载|все права защищены|todos los derechos reservados"
    r"|tous droits réservés|alle rechte vorbehalten|禁止転載|при (?:использовании|перепечатке|цитировании) .{0,80}ссылк).{0,160}"
    r"|[<\[(（]?(?:copyrights?|ⓒ|©|\(c\) ).{0,140}|.{0,40}copyrights? ?(?:ⓒ|©|\(c\)).{0,140}"
)
_TIP_OFF_CALLS = (
    r".{0,40}(?:제보(?:하기|는|해|를|가|전화| ?:)|카카오톡.{0,30}(?:검색|추가|제보)|기사문의 및 제보|채널 ?추가|구독.{0,20}눌러).{0,160}"
    r"|[▶▷☞※■◆●] ?.{0,20}(?:구독|제보|전화 ?:|이메일 ?:|홈페이지 ?:|바로가기|보러가기|앱|다운로드|네이버|유튜브|카카오).{0,100}"
    r"|\[(?:전화|메일|카카오톡)\] .{0,80}|get in touch.{0,120}|have you been affected.{0,120}"
)
_CREDITS = (
    r"\(?(?:additional )?(?:reporting|writing|editing|compiled) by .{0,200}|our standards:.{0,80}"
    r"|[(（\[【]?(?:责任编辑|责编|编辑|编审|校对|監修|責任編輯).{0,40}|【纠错】.{0,40}|来源[:：].{0,30}|[(（]?(?:本文)?原(?:标题|標題)[:：].{0,120}"
    r"|[(（\[]?(?:사진|영상|그래픽|자료)(?: ?(?:출처|제공))? ?[=:：/·|].{0,60}|photo ?: .{0,60}|\(?写真[=＝].{0,30}"
    r"|(?:фото|foto) ?[:：].{0,60}|(?:this (?:article|story|report|piece) .{0,60})?(?:first|originally) (?:published|appeared) .{0,80}"
    r"|(?:file )?(?:photo|image|picture)s?(?: ?(?:by|credit|source|courtesy)) ?:? .{0,60}|getty images|图集"
    r"|.{0,50}\bfile photo\b.{0,200}|图像来源.{0,40}|image (?:source|caption).{0,120}|media caption.{0,160}"
)
_BOILERPLATE_LINE = re.compile(
    rf"(?:[\[【<(（▶▷■◆●☞※★▼\-–— ]{{0,3}}(?:{_LINK_LIST_HEADINGS})[\]】>)）▼\-–— ]{{0,3}}(?:[:：].{{0,160}})?|(?:{_TOOLS})|(?:{_TAGS})|(?:{_END_MARKS})|(?:{_RIGHTS_CLAIMS})|(?:{_TIP_OFF_CALLS})|(?:{_CREDITS}))",
    re.IGNORECASE,
)
_BETWEEN_TOOLS = re.compile(r"(?<=[】\]])\s?(?=[【\[])|\s[|｜•]\s")
_DATE_LINE = re.compile(
    rf"(?:[\d\s:：./,|·•(（)）\[\]+–—-]|년|월|일|시|분|年|月|日|時|时|分|号|오전|오후|午前|午後|上午|下午|[월화수목금토일]요일"
    r"|(?:기사 ?)?입력|(?:최종 ?)?수정|등록|승인|발행|게재|公開|更新|配信|投稿|掲載|发布(?:时间)?|時間|时间|星期[一二三四五六日]"
    r"|published|updated|edited|posted|written|modified|last|time|on|at|by|[ap]\.?m\.?|[kjmg][sm]t|utc|e[sd]?t|p[sd]?t|cest?|bst|hkt|sgt"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|опубликовано|обновлено|г(?:ода?)?\b|в\b|мск"
    r"|de|del|el|le|a las|h\b|à|am|um|uhr|den|publicado|actualizado|publié|mis à jour|veröffentlicht|aktualisiert"
    rf"|{MONTH_PATTERN})++",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d{2}|\d{1,2}[:：]\d{2}")
_POSTED_WORDS = re.compile(
    r"입력|수정|등록|승인|公開|更新|配信|发布|publish|updat|posted|опубликовано|обновлено|publicado|publié|veröffentlicht",
    re.IGNORECASE,
)
_PHOTO_CREDIT = re.compile(
    r"(?:\(?\bAP Photo/|\bREUTERS/|\bvia (?:REUTERS|AP|Getty)|[©ⓒ] ?(?:Reuters|AFP|AP|Getty|EPA|Sputnik|TASS|KCNA|Xinhua)\b"
    r"|\((?:Image|Photo|Picture|Credit|Foto|Bild|Фото)s?: [^()]{1,50}\)|\([A-Z][^()/]{1,40}/[A-Z][^()]{1,40}\)|Getty Images|\bEPA-EFE\b|/AFP\b|\(Xinhua/|\b[Pp]hoto(?:graph)? by\b|[Ff]ile photo|[Hh]andout photo|/ ?(?:연합뉴스|뉴시스|뉴스1)"
    r"|(?:있다|모습|장면|전경|기념촬영)\.? ?(?:[/|=<(\[【]? ?(?:사진|자료)? ?[=:/·]? ?)?(?:연합뉴스|뉴시스|뉴스1|로이터|AP|AFP|EPA|신화|타스|게티이미지\w{0,6}"
    r"|사진공동취재단|공동취재단?|자료사진|조선중앙(?:통신|TV)|[가-힣]{2,4} ?기자)).{0,60}",
)
# Each match of the pattern above contains one of these; looking for them first is much faster.
_CREDITED = (
    "AP", "EUTERS", "euters", "Getty", "EPA", "AFP", "Sputnik", "TASS", "KCNA", "Xinhua", "hoto", "/", "Image",
    "Picture", "Credit", "Foto", "Bild", "Фото", "연합뉴스", "뉴시스", "뉴스1", "로이터", "신화", "타스", "게티",
    "공동취재", "자료사진", "조선중앙", "기자",
)  # fmt: skip
_MACHINE_SUMMARY = re.compile(
    r"(?:\bAI\b|ИИ\b|인공지능).{0,30}|.{0,20}(?:뉴스 ?요약|AI ?요약|요약봇|AI要約|AI摘要|краткий пересказ).{0,20}",
    re.IGNORECASE,
)
_CREDIT_LINE = re.compile(
    r"[(（\[]?(?:photos?|images?|pictures?|fotos?|bild(?:er)?|фото|crédits? photos?|사진|写真|图片?|圖片?|摄影|攝影|撮影)"
    r" ?(?:by|courtesy|credit|来源|來源|제공|提供)? ?[:：=＝/／©].{1,60}",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"cookie|consent|our (?:\d+ )?partners|privacy|personal(?:ised|ized)? (?:data|ad)|on (?:a|your) device|preferences|browsing"
    r"|쿠키|동의|개인정보|맞춤형 광고|クッキー|同意|個人情報|個人データ|隐私|隱私|个人(?:信息|数据)|個人資料|персональн\w{1,9} данн|согласи"
    r"|consentimiento|privacidad|datos personales|consentement|confidentialité|données personnelles"
    r"|einwilligung|datenschutz|personenbezogen",
    re.IGNORECASE,
)


def is_boilerplate(line: str) -> bool:
    """Returns whether a whole line is boilerplate."""
    if text_weight(line) > _MAX_LINE_WEIGHT:
        return False
    parts = _BETWEEN_TOOLS.split(line, _MAX_TOOLS)
    if all(map(_BOILERPLATE_LINE.fullmatch, parts)):
        return len(parts) > 1 or not is_report_sentence(line)
    return _POSTED_WORDS.search(line) is not None and is_date_line(line)


def ends_with_photo_credit(line: str) -> bool:
    """Returns whether a short paragraph ends with a photo credit; then it is a caption."""
    if text_weight(line) > _MAX_CAPTION_WEIGHT:
        return False
    tail = line[-_MAX_CREDIT_CHARS:]
    if not any(name in tail for name in _CREDITED):
        return False
    ends_with_credit = any(match.end() == len(tail) for match in _PHOTO_CREDIT.finditer(tail))
    return ends_with_credit and not is_report_sentence(line)


def is_credit_line(line: str) -> bool:
    """Returns whether a line is only the credit of a picture, such as "Photo: Reuters"."""
    return len(line) <= 90 and _CREDIT_LINE.fullmatch(line) is not None


def is_date_line(line: str) -> bool:
    """Returns whether a line is only a date or a time."""
    return len(line) <= 120 and bool(_YEAR.search(line)) and _DATE_LINE.fullmatch(line) is not None


def asks_for_consent(text: str) -> bool:
    """Returns whether a paragraph asks readers for consent to tracking."""
    return len(text) < 1200 and len({word.lower() for word in _CONSENT.findall(text)}) >= 3


def is_machine_summary_heading(line: str) -> bool:
    """Returns whether a line is the heading of a machine-written summary."""
    return (
        text_weight(line) <= 80
        and _MACHINE_SUMMARY.fullmatch(line) is not None
        and not ends_like_sentence(line)
    )
