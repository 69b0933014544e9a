"""Tells who acts or speaks in a headline: North Korea, or somebody who reacts to it.

An article about a report often has the words of the report, but its news is the answer of another
government, of an army or of experts. The headline names that one first.
"""

import re
from enum import StrEnum
from functools import cache

HEADLINE_CHARS = 160
"""A text without a headline is read up to here."""


class HeadlineSubject(StrEnum):
    """Who is named first in a headline."""

    NORTH = "north"
    OTHER = "other"
    NOBODY = "nobody"


_NORTH = (
    # Korean
    r"북한|북측|북\b|北|김정은|김여정|김주애|주애|최선희|김정일|조선중앙|노동신문|평양|로동당",
    # English, Spanish, French
    (
        r"North Korea|N\. ?Korea|NKorea|N\. ?K\.|NK\b|Pyongyang|DPRK|Kim\b|Corea del Norte|Norcorea|Pionyang"
        r"|Corée du Nord|nord-coréen|RPDC"
    ),
    # Russian
    r"КНДР|Кндр|Северная Корея|Северной Кореи|Пхеньян|Ким Чен|Ким Ё",
    # Chinese, Japanese
    r"朝鲜(?!半岛)|朝鮮(?!半島)|北韓|北韩|金正恩|金与正|金與正|平壤|平壌|北朝鮮|キム総書記|金総書記",
)
_OTHER = (
    (
        r"통일부|합참|국방부|군 ?당국|軍|국정원|대통령실|청와대|靑|정부|외교부|국회|여당|야당|민주당|국민의힘|국민의 힘"
        r"|李 ?대통령|尹 ?대통령|文 ?대통령|이재명|윤석열|문재인|박근혜|韓|한국|한미|서울|남측|美|미국|트럼프|바이든|백악관"
        r"|국무부|中|중국|시진핑|日|일본|러시아|러 |크렘린|푸틴|유엔|안보리|전문가|탈북|英|EU|나토"
    ),
    (
        r"South Korea|S\. ?Korea|Seoul|South\b|White House|Trump|Biden|Obama|U\.S\.|US\b|United States|America"
        r"|Pentagon|State Department|Washington|Japan|Tokyo|China|Beijing|Xi\b|Russia|Kremlin|Putin|Moscow|U\.N\.|UN\b"
        r"|NATO|[Ee]xperts?|[Aa]nalysts?|JCS|[Dd]efectors?|Unification [Mm]inistry|Britain|EE\. ?UU|Estados Unidos"
        r"|Corea del Sur|Seúl|Japón|Rusia|ONU|[Ee]xpertos|États-Unis|Corée du Sud|Séoul|Japon|Chine|Russie"
    ),
    (
        r"США|Сша|Трамп|Байден|Япони|Кита[йе]|Росси|РФ\b|Рф\b|Южн|Сеул|ООН|Оон|Путин|Кремл|Совбез|[Ээ]ксперт|МИД РФ"
        r"|Песков|Лавров|Захаров|Пентагон"
    ),
    (
        r"南韓|韩国|韓國|南韩|首爾|首尔|美国|美國|特朗普|川普|拜登|白宫|白宮|中国|中國|日本|俄|联合国|聯合國|文在寅|习近平"
        r"|習近平|专家|專家|米|韓国|政府|防衛省|トランプ|プーチン|ロシア"
    ),
)


def find_headline_subject(headline: str) -> HeadlineSubject:
    """Returns who is named first in a headline. Linear in the text; never raises."""
    found = _pattern().search(headline[:HEADLINE_CHARS])
    if not found:
        return HeadlineSubject.NOBODY
    return HeadlineSubject.NORTH if found.lastgroup == "north" else HeadlineSubject.OTHER


def names_another_subject(headline: str) -> bool:
    """Returns whether a headline names somebody beside North Korea."""
    return any(
        found.lastgroup == "other" for found in _pattern().finditer(headline[:HEADLINE_CHARS])
    )


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(f"(?P<north>{'|'.join(_NORTH)})|(?P<other>{'|'.join(_OTHER)})")
