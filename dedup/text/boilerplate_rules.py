"""Rules for boilerplate in texts: datelines, bylines, credits, captions, legal notices.

A rule's scope says what is removed: the match itself (`CUT`), everything up to its end (`HEAD`: a
dateline ends the headline matter), or everything from its start (`TAIL`: a copyright line begins
the legal notices). `HEAD` and `TAIL` apply only near their end of the text, so no rule can remove a
body. All patterns run in linear time: every repetition is bounded or cannot overlap with what
follows.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class RemovalScope(StrEnum):
    """What is removed where a rule's pattern matches."""

    CUT = "cut"
    HEAD = "head"
    TAIL = "tail"


class Alphabet(StrEnum):
    """The alphabet of the texts that a rule is for; ANY is for all texts."""

    ANY = "any"
    HANGUL = "hangul"
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    HAN = "han"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of boilerplate.

    `example`: a text of which the rule must remove something. `hints`: the pattern is tried only if
    the text contains one of these, which is much faster. `hint_reach`: characters before and after
    a hint in which a `CUT` rule searches.
    """

    name: str
    alphabet: Alphabet
    scope: RemovalScope
    pattern: re.Pattern[str]
    example: str
    hints: tuple[str, ...] = ()
    hint_reach: int = 1000


def _rule(
    name: str,
    alphabet: Alphabet,
    scope: RemovalScope,
    pattern: str,
    example: str,
    *hints: str,
    hint_reach: int = 1000,
) -> Rule:
    compiled = re.compile(pattern, re.MULTILINE)
    return Rule(name, alphabet, scope, compiled, example, hints, hint_reach)


_REPORTER = r"(?:[가-힣·,\s]{2,60}(?:기자|특파원|통신원|논설위원))"

BOILERPLATE_RULES = (
    _rule(
        "link",
        Alphabet.ANY,
        RemovalScope.CUT,
        r"https?://\S{1,2000}",
        "see https://example.org/a",
        "http",
    ),
    _rule(
        "image",
        Alphabet.ANY,
        RemovalScope.CUT,
        r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,500}\))?",
        "![A view](http://example.org/a.jpg) The text",
        "![",
    ),
    _rule(
        "mail address",
        Alphabet.ANY,
        RemovalScope.CUT,
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{2,24}){1,4}",
        "reporter@example.org",
        "@",
        hint_reach=170,
    ),
    _rule(
        "photo template",
        Alphabet.ANY,
        RemovalScope.CUT,
        r"[\[(]?(?:국내에서만[^\]\n]{0,60})?For Use Only in the Republic of Korea[^\])\n]{0,60}[\])]?",
        "(For Use Only in the Republic of Korea. No Redistribution)",
        "For Use Only",
    ),
    _rule(
        "hashtag",
        Alphabet.ANY,
        RemovalScope.CUT,
        r"(?<![\w&])#[^\W\d_][\w·]{1,30}",
        "끝났습니다.#북한 #축전",
        "#",
        hint_reach=40,
    ),
    _rule(
        "copyright",
        Alphabet.ANY,
        RemovalScope.TAIL,
        r"(?:ⓒ|©|\([Cc]\)|Copyright|COPYRIGHT|All [Rr]ights [Rr]eserved|저작권자|무단\s?전재)",
        "The end of the report. © 2031 Example Press. All rights reserved.",
        *("ⓒ", "©", "(C)", "(c)", "opyright", "OPYRIGHT", "eserved", "저작권자", "무단"),
    ),
    # Korean
    _rule(
        "dateline",
        Alphabet.HANGUL,
        RemovalScope.HEAD,
        rf"[(\[][^()\[\]\n=]{{1,25}}=\s{{0,2}}-?[^()\[\]\n=]{{1,15}}[)\]]\s{{0,2}}(?:{_REPORTER}?\s{{0,2}}=)?",
        "'부제' 한 줄\n\n(서울=한빛통신) 홍길동 기자 = 본문이 여기서 시작한다.",
    ),
    _rule(
        "byline",
        Alphabet.HANGUL,
        RemovalScope.HEAD,
        r"\[[^\[\]\n]{4,30}(?:기자|특파원|위원)\]",
        "부제 한 줄[한빛일보 홍길동 기자] 본문이 여기서 시작한다.",
    ),
    _rule(
        "outlet's name",
        Alphabet.HANGUL,
        RemovalScope.HEAD,
        r"\A\s{0,10}\[[^\]\n]{1,20}\]",
        "[한빛일보] 본문이 여기서 시작한다.",
    ),
    _rule(
        "stage direction",
        Alphabet.HANGUL,
        RemovalScope.CUT,
        r"[\[<◀【]\s?(?:앵커|기자|리포트|앵커 ?멘트|인터뷰|녹취|속보|단독|종합)\s?[\]>▶】]",
        "◀ 앵커 ▶ 소식입니다.[기자] 전해드립니다.",
    ),
    _rule(
        "photo credit",
        Alphabet.HANGUL,
        RemovalScope.CUT,
        r"\[[^\[\]\n]{0,80}(?:사진|화면|영상|캡처|캡쳐|제공\]|출처\s?[:=\]]|재판매|재배포|DB ?금지)"
        r"[^\[\]\n]{0,120}\]?"
        r"|[(（][^()（）\n]{0,60}(?:사진|화면|캡처|캡쳐|재판매|재배포)[^()（）\n]{0,80}[)）]",
        "말했다.[사진 출처 : 한빛통신] (사진=한빛통신)",
        *("사진", "화면", "영상", "캡처", "캡쳐", "제공]", "출처", "재판매", "재배포", "금지"),
        hint_reach=210,
    ),
    _rule(
        "caption",
        Alphabet.HANGUL,
        RemovalScope.CUT,
        r"^\s{0,5}▲[^\n]{0,250}$",
        "▲ 공장을 둘러보는 사람들\n\n본문이 여기서 시작한다.",
        "▲",
        hint_reach=260,
    ),
    _rule(
        "appeal for tips",
        Alphabet.HANGUL,
        RemovalScope.TAIL,
        r"■\s{0,2}제보|※[^\n]{0,30}제보|▷\s{0,2}(?:전화|카카오톡|이메일)|(?:당신|여러분)의 제보"
        r"|[A-Za-z가-힣]{0,12}\s?기사\s?문의|(?:연관|관련)\s?기사\s?[•·▶▷:]",
        "보입니다.■ 제보하기▷ 전화 : 02-000-0000",
        *("제보", "▷", "문의", "관기사", "관련기사", "관 기사", "관련 기사"),
    ),
    _rule(
        "reporter at the end",
        Alphabet.HANGUL,
        RemovalScope.TAIL,
        r"(?:[가-힣]{2,6}=)?[가-힣]{2,4}\s(?:선임)?(?:기자|특파원)\s{0,5}\Z",
        "보도했다. 베이징=홍길동 기자",
        *("기자", "특파원"),
    ),
    _rule(
        "local time",
        Alphabet.HANGUL,
        RemovalScope.CUT,
        r"\((?:이하\s?)?현지\s?(?:시간|시각)\)|현지\s?시각|현지\s?시간|(?:오늘|어제|그제|내일)(?=\(\d)",
        "30일(현지시간) 밝혔다",
        *("현지", "오늘(", "어제(", "그제(", "내일("),
        hint_reach=15,
    ),
    _rule(
        "hanja gloss",
        Alphabet.HANGUL,
        RemovalScope.CUT,
        r"\([\u3400-\u9fff\uf900-\ufaff·\s]{1,20}\)",
        "고이즈미(小泉) 총리",
    ),
    # English, French, Spanish
    _rule(
        "dateline",
        Alphabet.LATIN,
        RemovalScope.HEAD,
        r"\b[A-ZÀ-Þ][\w.,'’/ -]{1,60}\([A-ZÀ-Þ][\w. ]{1,30}\)\s{0,3}(?:--|—|–|-|:)",
        "NK leader-message\nSEOUL, Sept. 5 (Hanbit) -- The body begins here.",
        *(") -", ")-", ") –", ")–", ") —", ")—", "):", ") :"),
    ),
    _rule(
        "agency in slashes",
        Alphabet.LATIN,
        RemovalScope.HEAD,
        r"\b[A-Z][\w.,' -]{1,50}/[A-Z][A-Za-z ]{1,20}/\.?",
        "MOSCOW, June 12. /AGENCY/. The body begins here.",
        "/",
    ),
    _rule(
        "place in capitals",
        Alphabet.LATIN,
        RemovalScope.HEAD,
        r"\A\s{0,10}[A-Z][A-Z'/. -]{2,40}(?:, [A-Z][\w.]{1,12}){0,2} (?:--|—|–|-) ",
        "VIENNA - The body begins here.",
        " - ",
        " – ",
        " — ",
        " -- ",
    ),
    _rule(
        "version mark",
        Alphabet.LATIN,
        RemovalScope.CUT,
        r"\((?:END|LEAD|URGENT|\d(?:st|nd|rd|th) (?:LD|LEAD|ld))\)|\(ATTN:[^()\n]{0,300}\)|\(MORE\)",
        "(2nd LD) A headline (ATTN: UPDATES with details) The body (END)",
        *("(END)", "(URGENT)", "(MORE)", "(ATTN:", "LEAD)", "LD)", "ld)"),
        hint_reach=320,
    ),
    _rule(
        "byline",
        Alphabet.LATIN,
        RemovalScope.CUT,
        r"^\s{0,5}(?:By|Por|Par) [A-ZÀ-Þ][\w.'’-]{1,20}(?: [A-ZÀ-Þ][\w.'’-]{0,20}){1,4}\s{0,5}$",
        "By Jane A. Doe\nThe body begins here.",
        *("By ", "Por ", "Par "),
        hint_reach=140,
    ),
    _rule(
        "desk credit",
        Alphabet.LATIN,
        RemovalScope.TAIL,
        r"\(\s?(?:Additional [Rr]eporting|Reporting|Writing|Editing|Compiled)\b[^()]{0,500}(?:\)|\Z)",
        "The end of the report. (Reporting by Jane Doe; Editing by John Roe)",
        "(",
    ),
    _rule(
        "photo caption",
        Alphabet.LATIN,
        RemovalScope.CUT,
        r"^[^\n]{0,600}\((?:AP Photo|Photo by|Photo:|Photo credit|Getty|File [Pp]hoto)[^()\n]{0,120}\)\s{0,3}$"
        r"|^(?:FILE|File) (?:-|–|—) [^\n]{0,500}$",
        "FILE - In this photo a man waves.\nThe body begins here.",
        *("(AP Photo", "(Photo", "(Getty", "(File", "FILE", "File -", "File –", "File —"),
    ),
    _rule(
        "gallery",
        Alphabet.LATIN,
        RemovalScope.CUT,
        r"(?:Photos: [^\n]{0,800}?)?Hide Caption \d{1,3} of \d{1,3}|JUST WATCHED[^\n]{0,200}?MUST WATCH[^\n]{0,120}?\d\d:\d\d",
        "JUST WATCHED A title Replay More Videos ... MUST WATCH A title 01:19",
        "JUST WATCHED",
        "Hide Caption",
    ),
    # Russian
    _rule(
        "dateline",
        Alphabet.CYRILLIC,
        RemovalScope.HEAD,
        r"\b[А-ЯЁ][\w., -]{1,50}(?:/[А-ЯA-Z]{3,10}/\.?|[—–-] (?:РИА Новости|ИНТЕРФАКС|Интерфакс)\.?)",
        "МОСКВА, 5 сентября. /АГЕНТ/. Текст начинается здесь.",
    ),
    # Chinese, Japanese
    _rule(
        "dateline",
        Alphabet.HAN,
        RemovalScope.HEAD,
        r"[\u3400-\u9fff]{2,4}[社网][^\n。，]{0,16}?\d{1,2}日[电電讯訊](?:\s{0,2}[（(][^（）()\n]{0,40}[)）])?"
        r"|[【〔［(（][^【】〔〕［］()（）\n]{1,24}(?:[発发]|通信|時事|共同|聯合)[^【】〔〕［］()（）\n]{0,16}[】〕］)）]",
        "某某社平壤9月5日电（记者张三）正文从这里开始。",
    ),
)
