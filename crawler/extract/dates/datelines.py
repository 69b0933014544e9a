"""Parses datelines: the place, date and agency at the start of an agency text."""

import re

from storage.records import Dateline

_AGENCY = (
    r"KCNA|Yonhap(?: News(?: Agency)?)?|Reuters|AP|AFP|TASS|Xinhua|Kyodo(?: News)?|UPI|IANS|ANI|EFE|DPA|dpa"
    r"|Interfax|RIA Novosti|Sputnik|Korea Times|Yonhap Infomax|Prensa Latina|VOA|CNN|BBC|PTI|ANSA|Anadolu"
)
_MONTH = r"[A-Z][a-z]{2,8}\.?"
_DATELINE_PATTERNS = (
    # SEOUL, Sept. 5 (Yonhap) --   Pyongyang, July 19 (KCNA) --   WASHINGTON (AP) —
    re.compile(
        r"^(?P<place>[A-Z][A-Za-zÀ-ÿ.'’/ -]{2,40}?(?:, [A-Z][A-Za-z.'/ -]{2,30}?)?)"
        rf"(?:, (?P<date>{_MONTH} \d{{1,2}}))?[.,]? ?"
        rf"[(/](?P<agency>{_AGENCY})(?:/\w+)?[)/] ?(?:--?|–|—|:|\.)"
    ),
    # (서울=연합뉴스) 홍길동 기자 =   [서울=뉴시스]
    re.compile(r"^[(\[【](?P<place>[가-힣A-Za-z·,\s]{1,30})=(?P<agency>[가-힣A-Za-z\s0-9]{2,15})[)\]】]"),
    # [평양 7월 19일발 조선중앙통신]   【平壌7月19日発朝鮮中央通信】
    re.compile(
        r"^[\[【(（](?P<place>[가-힣]{2,10}|[一-鿿ァ-ヶー]{2,10}) ?"
        r"(?P<date>[\d０-９]{1,2} ?[월月] ?[\d０-９]{1,2} ?[일日]) ?[발発發] ?"
        r"(?P<agency>[가-힣\s]{3,20}|[一-鿿・]{3,20})[\]】)）]"
    ),
    # (평양 7월 19일발 조선중앙통신)
    re.compile(
        r"^[(（](?P<place>[가-힣]{2,10}) (?P<date>\d{1,2}월 ?\d{1,2}일)발 ?(?P<agency>조선중앙통신)[)）]"
    ),
    # ПХЕНЬЯН, 5 сентября. /ТАСС/.   Пхеньян, 19 июля. /ЦТАК/ --
    re.compile(
        r"^(?P<place>[А-ЯЁ][А-Яа-яЁё\s-]{2,30}), (?P<date>\d{1,2} [а-яё]{3,9})\.?(?: \d{4} ?г?\.?)? ?"
        r"[/(—-]{1,2} ?(?P<agency>[А-ЯЁ][А-Яа-яЁё\s]{1,20})[/).]?"
    ),
    # 新华社平壤9月5日电（记者…）   朝中社平壤7月19日电
    re.compile(
        r"^(?P<agency>新华社|朝中社|中新社|中新网|人民网|环球网|央视网|韩联社|共同社)"
        r"(?P<place>[一-鿿]{2,8}?)(?P<date>(?:\d{1,2}月)?\d{1,2}日)[电電]"
    ),
    # 【ソウル=共同】   【ソウル時事】
    re.compile(r"^【(?P<place>[一-鿿ァ-ヶー・]{2,12})(?:=|＝|共同|時事)(?P<agency>[一-鿿ァ-ヶー]{0,12})】"),
    # Pyongyang, 19 de julio (ACNC) --
    re.compile(
        r"^(?P<place>[A-ZÁÉÍÓÚ][\wÁÉÍÓÚáéíóúñ ]{2,30}), (?P<date>\d{1,2} de [a-z]{4,10})"
        r"(?: de \d{4})? ?\((?P<agency>[A-Z][\w ]{1,20})\) ?(?:--?|–|—|\.-)"
    ),
)  # fmt: skip
_MAX_HEAD_CHARS = 160
_MAX_PARAGRAPHS = 4


def find_dateline(text: str) -> Dateline | None:
    """Returns the dateline at the start of one of the first paragraphs, as printed; else None."""
    for paragraph in text.split("\n")[: 2 * _MAX_PARAGRAPHS]:
        opening = paragraph[:_MAX_HEAD_CHARS]
        for pattern in _DATELINE_PATTERNS:
            if match := pattern.match(opening):
                parts = match.groupdict()
                return Dateline(
                    place=(parts["place"] or "").strip(),
                    date=(parts.get("date") or "").strip(),
                    agency=(parts["agency"] or "").strip(),
                )
    return None
