"""Decides whether an article concerns North Korea, by counting names in eight languages."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from storage.records import Article

OPENING_CHARS = 300  # characters of the text that are its opening
MAX_TEXT_CHARS = 20_000
SHORT_TEXT_LETTERS = 900  # up to this length, one mention in the opening is enough
# A longer text with a mention in the opening needs two mentions, and one per so many letters.
MAX_LETTERS_PER_MENTION_EARLY = 1_200
# Without a mention in the opening, a text needs so many, and one per so many letters.
MIN_MENTIONS = 3
MAX_LETTERS_PER_MENTION = 800
LETTERS_PER_CJK_CHAR = 2.5  # a Chinese, Japanese or Korean character counts as so many letters
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3]")

# In lower case. They match inside words too, so that endings do not matter.
_NAMES = (
    # English, Spanish, French, German
    *("north korea", "north-korea", "n. korea", "n.korea", "nkorea", "dprk", "d.p.r.k"),
    *("pyongyang", "p'yongyang", "p’yongyang", "phyongyang", "kim jong un", "kim jong-un"),
    *(
        "northkorea",
        "kim jong il",
        "kim jong-il",
        "kim jongun",
        "kim yo jong",
        "kim yo-jong",
        "kim il sung",
    ),
    *("kim il-sung", "kcna", "rodong sinmun", "nodong sinmun", "yongbyon", "panmunjom", "kaesong"),
    *("inter-korean", "two koreas", "workers' party of korea", "workers’ party of korea"),
    *("korean people's army", "korean people’s army", "corea del norte", "norcorean", "pionyang"),
    *("piongyang", "corée du nord", "coree du nord", "nord-coréen", "nord-coreen", "nordcoréen"),
    *("nordkorea", "pjöngjang", "pjoengjang", "dvrk"),
    # Russian
    *("северная коре", "северной коре", "северную коре", "северокоре", "кндр", "пхеньян"),
    *("ким чен ын", "ким чен ир", "ким ир сен", "чен ына", "ким ё чжон", "цтак", "нодон синмун"),
    # Korean
    *("북한", "북녘", "대북", "방북", "탈북", "월북", "북핵", "북미회담", "북미 회담", "북미정상"),
    *(
        "북미 정상",
        "북미관계",
        "북미 관계",
        "북중 정상",
        "북중정상",
        "북러",
        "북·러",
        "북·중",
        "남북관계",
    ),
    *(
        "남북 관계",
        "남북정상",
        "남북 정상",
        "남북회담",
        "남북 회담",
        "남북대화",
        "남북 대화",
        "남북협력",
    ),
    *(
        "남북경협",
        "남북 교류",
        "남북교류",
        "남북연락",
        "남북철도",
        "남북합의",
        "남북 군사",
        "남북공동",
    ),
    *("조선민주주의인민공화국", "조선중앙통신", "조선로동당", "조선노동당", "로동신문", "노동신문"),
    *(
        "조선인민군",
        "조선중앙",
        "국무위원장",
        "금수산",
        "한반도 비핵화",
        "대북정책",
        "대북 정책",
        "대북제재",
        "대북 제재",
        "대북대화",
        "대북 대화",
        "김정은",
        "김정일",
        "김여정",
        "김일성",
        "김주애",
        "영변",
        "판문점",
        "개성공단",
    ),
    *("이산가족", "통일부 ", "비무장지대", "주체사상", "선군정치"),
    # Chinese and Japanese
    *("北韩", "北韓", "北朝鲜", "北朝鮮", "金正恩", "金正日", "金与正", "金與正", "金日成", "平壤"),
    *(
        "平壌",
        "朝中社",
        "朝鲜中央",
        "朝鮮中央",
        "劳动新闻",
        "勞動新聞",
        "労働新聞",
        "板门店",
    ),
    *("板門店", "脱北", "拉致問題", "拉致被害", "韩朝", "韓朝", "宁边", "寧辺", "寧邊", "朝方"),
)
# Names that are also parts of unrelated words; the patterns exclude those.
_CONTEXT_PATTERNS = {
    "n korea": re.compile(r"\bn korea"),
    "평양": re.compile("(?<!태)평양"),
    # 北、ミサイル発射 is about North Korea; 北アルプス and 北の国から are not.
    "北": re.compile(
        "(?<![一-龯])北(?![一-龯京海西東方上部米]|(?!ミサイル)[ァ-ヶ]"
        "|の(?!核|ミサイル|軍|脅威|挑発|衛星|指導|体制|独裁|工作|国営|金|非核|弾道|兵))"
    ),
    # 日 also ends 毎日, 米朝 is also a storyteller, 中朝食堂 a diner: the next characters decide.
    "朝": re.compile(
        "(?:(?<![毎每今昨翌])日|米|(?<!完)美|中)朝(?=首|関|关|關|平壌|平壤|協議|协议|間|间|交渉|両|两|兩|国|國|会|會|対|对|對"
        "|外|合意|友|貿|贸|邊|边|双|雙|谈|談|领|領|峰|同盟|条约|核|高官|実務|接触|口岸|元首)"
        "|(?<![王清唐宋明元隋漢汉])朝[军軍]|[对對]朝(?![阳陽霞夕鲜鮮代])|朝核(?![心准])"
    ),
    "城": re.compile("(?:开城|開城)(?:工业|工業|工団|联络|の?南北|連絡)"),
    "朝鲜": re.compile("朝鲜(?!族|战争|半岛)"),
    "朝鮮": re.compile(
        "(?<![北中日米美])朝鮮(?!族|戰爭|戦争|中央|日報|王朝|時代|半島|人参|學校|学校)"
    ),
}


# Names with other meanings too (a drum, a reporter, another border): not enough alone.
_AMBIGUOUS_NAMES = frozenset(
    ["대북", "방북", "월북", "김정은", "이산가족", "통일부 ", "비무장지대", "朝方"]
)


class MentionCounts(NamedTuple):
    """How often a text names North Korea: by unambiguous names, and by ambiguous ones."""

    distinctive: int
    ambiguous: int


def is_on_topic(article: Article) -> bool:
    """Returns whether an article concerns North Korea, by all that it says."""
    return concerns_north_korea(
        article.title,
        article.lead,
        article.text,
        tags=(*article.tags, article.section),
        url=article.url,
    )


def concerns_north_korea(
    title: str, lead: str, text: str, *, tags: Iterable[str] = (), url: str = ""
) -> bool:
    """Returns whether an article concerns North Korea.

    A name in title, tags or URL is enough; else it depends on how early and how often the text
    names the country. Ambiguous names count only if there is an unambiguous one too.
    """
    url_words = re.sub(r"[^a-z0-9]+", " ", url.lower())
    heading_counts = count_mentions(_normalise("\n".join((title, *tags, url_words))))
    opening = _normalise(f"{lead}\n{text[:OPENING_CHARS]}")
    later_text = text[OPENING_CHARS:MAX_TEXT_CHARS].lower()
    opening_counts, rest_counts = count_mentions(opening), count_mentions(later_text)
    if not heading_counts.distinctive + opening_counts.distinctive + rest_counts.distinctive:
        return False
    if any(heading_counts):
        return True
    length, mention_count = (
        _length_in_letters(opening) + _length_in_letters(later_text),
        sum(opening_counts) + sum(rest_counts),
    )
    if any(opening_counts) and (
        length <= SHORT_TEXT_LETTERS
        or (mention_count > 1 and mention_count * MAX_LETTERS_PER_MENTION_EARLY >= length)
    ):
        return True
    return mention_count >= MIN_MENTIONS and mention_count * MAX_LETTERS_PER_MENTION >= length


def count_mentions(text: str) -> MentionCounts:
    """Counts the names in a text, which must be in lower case."""
    distinctive = ambiguous = 0
    for name in _NAMES:
        if name in text:
            if name in _AMBIGUOUS_NAMES:
                ambiguous += text.count(name)
            else:
                distinctive += text.count(name)
    for name, pattern in _CONTEXT_PATTERNS.items():
        if name in text:
            distinctive += len(pattern.findall(text))
    return MentionCounts(distinctive, ambiguous)


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _length_in_letters(text: str) -> float:
    """Returns a text's length in Latin letters; a CJK character counts as 2.5 of them."""
    return len(text) + (LETTERS_PER_CJK_CHAR - 1) * len(_WIDE.findall(text))
