"""Finds printed bylines: in short lines, in elements named as bylines, and in the text itself.

Every pattern runs in linear time and is tried only on short lines.
"""

import re
from collections.abc import Iterator

from crawler.extract.body.boilerplate import is_date_line
from crawler.extract.dates.months import MONTH_NUMBERS
from crawler.extract.page.outline import Outline, text_weight

_ELEMENT = re.compile(
    r"(?:^|[\s_-])(?:byline|by-line|authors?|auteur|autor|reporters?|writers?|journalist|credit-name|contributor)",
    re.IGNORECASE,
)
_NOT_ELEMENT = re.compile(
    r"bio|follow|social|image|photo|more|related|comment|desc|profile-text|news|author-(?:title|role|job)"
    r"|position",
    re.IGNORECASE,
)
_WORD = r"[A-ZÀ-ÖØ-ÞА-ЯЁ][\w.'’-]{0,20}"
_NAME = rf"{_WORD}(?: (?:(?:de|da|del|di|von|van|der|den|ten|la|le|bin|ibn|al|el) ){{0,2}}{_WORD}){{1,3}}"
_AND = r"(?:, | and | und | y | et | e | и | & )"
_BY_NAME = re.compile(
    r"(?:(?:written|reported|words|story|text|edited) by|by|par|von|por|автор(?:ы)?|текст|text|texte|texto)\s?[:：]?\s{1,3}"
    rf"(?P<n>(?-i:{_NAME}(?:{_AND}{_NAME}){{0,3}}))(?P<rest>\W.{{0,60}})?",
    re.IGNORECASE,
)
_NAME_WITH_ROLE = re.compile(
    rf"(?P<n>{_NAME}),? (?:\w+ )?(?:reporter|correspondent|staff writer|editor|корреспондент|обозреватель|редактор)"
)
_NAME_WITH_DATE = re.compile(rf"(?P<n>{_NAME})\s?[|·•—–-]\s?(?P<rest>.{{6,60}})")
_KOREAN_NAME = r"[가-힣]{2,4}"
_KOREAN_REPORTER = re.compile(
    rf"(?:^|[\s(\[=·/>])(?P<n>{_KOREAN_NAME}(?:[·,ㆍ] ?{_KOREAN_NAME}|(?<=[가-힣]{{3}}) [가-힣]{{3}}(?= )){{0,4}}) ?"
    r"(?:선임|전문|수습|객원|인턴)?(?:기자|특파원)(?=[\s=)\](<]|$|\S*@)"
)
_KOREAN_LABEL = re.compile(
    rf"(?:(?:작성자|글쓴이|기자명)\s?[:：=]?|글\s?[:：=])\s(?P<n>{_KOREAN_NAME})(?= ?(?:기자)?\s*$)"
)
_HAN_NAME = r"[一-鿿]{2,4}"
_CHINESE_LABEL = re.compile(
    r"(?:^|[\s　|｜])(?:作者|记者|記者|撰文|采写|图文|文)\s?[:：/／|]\s{0,5}(?:本[报報社台])?(?:记者|記者)?\s{0,5}"
    rf"(?P<n>{_HAN_NAME}(?:[、，, ]{_HAN_NAME}(?![:：])){{0,4}})(?=$|[\s　|｜])"
)
_CHINESE_OPENING = re.compile(
    rf"(?:本[报報社台网網]|[一-鿿]{{2,6}}[报報社网網])(?:记者|記者) ?(?P<n>{_HAN_NAME}(?:[、 ]{_HAN_NAME}){{0,3}})(?=报道|報道|報導|电|電|[ 　）)])"
)
_CHINESE_END = re.compile(
    r"(?:记者|記者|作者|通讯员)[:： ]{0,2}(?P<n>[一-鿿]{2,4}(?:[、 ][一-鿿]{2,4}){0,4})[）)]"
)
_JAPANESE_NAME = r"[一-鿿々]{2,4}[一-鿿々ぁ-んァ-ヶ]{0,4}"
# （北京=上地一姫） and 【寺町六花、原田啓之】 are printed below or above a Japanese text.
_JAPANESE_END = re.compile(
    rf"[（【(](?P<n>(?:[一-鿿ァ-ヶー]{{2,10}}[=＝])?{_JAPANESE_NAME}(?:[、・,]{_JAPANESE_NAME}){{0,5}})[）】)]$"
)
_JAPANESE_PLACE = re.compile(
    rf"^[【（(]?[一-鿿ァ-ヶー]{{2,10}}[=＝](?!共同|時事|聯合|ロイター|AFP|AP|CNN|朝鮮)(?P<n>{_JAPANESE_NAME})(?:[】）)]|$)"
)
_JAPANESE_LABEL = re.compile(
    rf"(?:取材・文|文・写真|取材|執筆|文)[:：　 ／/]{{1,3}}(?P<n>{_JAPANESE_NAME})$"
)
_NAME_WITH_EMAIL = re.compile(
    rf"^(?:[가-힣·]{{2,10}} )?(?P<n>(?!기자|특파원){_KOREAN_NAME}) ?(?:기자|특파원)?.{{0,3}}\S{{2,40}}@\S{{3,40}}"
)
_AUTHOR_IN_SCRIPT = re.compile(
    r'"(?:content_author|article_author|author_?[nN]ame|reporter_?[nN]ame|writer_?[nN]ame|byline)\\?"\s{0,3}:\s{0,3}\\?"([^"\\<>]{3,60})\\?"'
)
# "6 Min Read", "1 day ago", "Why you can trust us" appear in elements named as author.
_NOT_A_BYLINE = re.compile(
    r"\b(?:min(?:ute)?s? read|ago|why|you|trust|read more|follow|newsletter|subscribe|comments?)\b|^\d{1,2} \w{3,9}$",
    re.IGNORECASE,
)
_FURTHER_NAME = re.compile(rf"(?:\band|\bund|\by|\bet|\be|\bи|&) {_NAME}")
_LINE_PATTERNS = (_KOREAN_REPORTER, _KOREAN_LABEL, _CHINESE_LABEL, _JAPANESE_PLACE, _JAPANESE_LABEL)
_MAX_BYLINE_WEIGHT, _SHORT_LINE_WEIGHT = 140, 80
_MAX_BLOCKS_BELOW = 6
_MAX_SCRIPT_CHARS = 2_000_000


def iter_printed_bylines(outline: Outline, text: str) -> Iterator[str]:
    """Yields bylines above the text, and signatures (reporter with e-mail or label) below it."""
    opening, ending = text.split("\n", 1)[0][:200], text.rsplit("\n", 1)[-1][-60:]
    blocks_below = -1
    for block in outline.blocks:
        if blocks_below < 0 and opening and block.text.startswith(opening):
            blocks_below = 0
        if blocks_below == 0 and ending and block.text.endswith(ending):
            blocks_below = 1
        elif blocks_below > 0:
            blocks_below += 1
            if blocks_below > _MAX_BLOCKS_BELOW:
                return
            if line := _parse_signature(block.text):
                yield line
        elif blocks_below < 0 and block.weight <= _MAX_BYLINE_WEIGHT:
            if line := parse_byline(block.text):
                yield line
            elif _is_byline_element(outline, block.element_index) and not _NOT_A_BYLINE.search(
                block.text
            ):
                yield block.text.replace("\n", ", ")


def parse_byline(text: str) -> str:
    """Returns the names in a byline, separated by commas or "and"; "" for any other line."""
    if text_weight(text) > _MAX_BYLINE_WEIGHT:
        return ""
    if match := _BY_NAME.fullmatch(text):
        return _names_in_line(match["n"], match["rest"] or "")
    if (match := _NAME_WITH_DATE.fullmatch(text)) and is_date_line(match["rest"]):
        return match["n"]
    if match := _NAME_WITH_ROLE.fullmatch(text):
        return match["n"]
    if text_weight(text) <= _SHORT_LINE_WEIGHT or "\n" not in text:
        for pattern in _LINE_PATTERNS:
            if match := pattern.search(text):
                return _separate_names(match["n"])
    return ""


def _parse_signature(text: str) -> str:
    """Returns the names in a line below a text, if it has a label or e-mail address; else "".

    Other names below a text belong to other articles.
    """
    if text_weight(text) <= _MAX_BYLINE_WEIGHT:
        for pattern in (_NAME_WITH_EMAIL, _CHINESE_LABEL, _JAPANESE_LABEL, _KOREAN_LABEL):
            if match := pattern.search(text):
                return _separate_names(match["n"])
    return ""


def _names_in_line(names: str, text_after: str) -> str:
    """Returns the names of an English or European byline, with further names after them."""
    if _FURTHER_NAME.search(text_after):
        return names + text_after
    first_names, _, last_name = names.rpartition(" ")
    # "By Anna Harbour March 14, 2024"
    return (
        first_names
        if first_names and re.match(r"\W{0,2}\d", text_after) and last_name.lower() in MONTH_NUMBERS
        else names
    )


def _separate_names(names: str) -> str:
    """Puts commas between names that contain no spaces."""
    return re.sub(r"[\s、，・·ㆍ]+", ",", names)


def iter_bylines_in_text(text: str) -> Iterator[str]:
    """Yields names from a text's first and last lines: "By Name", "김바다 기자 =", "（記者王海）"."""
    lines = text.split("\n")
    for line in lines[:3]:
        if len(line) <= _MAX_BYLINE_WEIGHT and (match := _BY_NAME.fullmatch(line)):
            yield match["n"]
    for line in (*lines[:2], *lines[-2:]):
        if match := _KOREAN_REPORTER.search(line[-80:] if line is lines[-1] else line[:80]):
            yield _separate_names(match["n"])
            return
    first, last = lines[0][:80], lines[-1]
    for line, pattern in ((last, _JAPANESE_END), (first, _JAPANESE_PLACE), (first, _CHINESE_END),
                       (first, _CHINESE_OPENING), (last, _CHINESE_END)):  # fmt: skip
        if match := pattern.search(line):
            yield _separate_names(match["n"])
            return


def iter_authors_in_scripts(source: str) -> Iterator[str]:
    """Yields the author named in scripts, if all name the same; else some are of other articles."""
    names = {match[1].strip() for match in _AUTHOR_IN_SCRIPT.finditer(source[:_MAX_SCRIPT_CHARS])}
    if len({name.lower().removeprefix("by ") for name in names}) == 1:
        yield min(names, key=len)


def _is_byline_element(outline: Outline, element: int) -> bool:
    names = [outline.elements[index].names for index in outline.ancestors(element)][:3]
    return any(_ELEMENT.search(name) and not _NOT_ELEMENT.search(name) for name in names)
