"""Finds printed bylines: in short lines, in elements named as bylines, and in the text itself.

Every pattern runs in linear time and is tried only on short lines.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborNode

from crawler.extract.body.boilerplate import is_date_line
from crawler.extract.dates.months import MONTH_NUMBERS
from crawler.extract.fields.names import KOREAN_POSTS
from crawler.extract.page.joined_text import separate_elements
from crawler.extract.page.outline import Block, Outline, text_weight
from crawler.extract.page.paragraphs import text_of

_ELEMENT = re.compile(
    r"(?:^|[\s_-])(?:byline|by-line|author(?!i)|auteur|autore?|autoren|reporters?|writers?|journalist|columnist|giornalist|redacteur|verfasser|signataire|forfatter|skribent|firma|penulis|credit-name|contributor)"
    r"|(?-i:[a-z](?:Byline|Author|Reporter|Writer))",
    re.IGNORECASE,
)
_NOT_ELEMENT = re.compile(
    r"bio|follow|social|image|photo|more|related|comment|desc|profile-text|news|author-(?:title|role|job)"
    r"|position|location|reporterr|error",
    re.IGNORECASE,
)
_WORD = r"[A-ZÀ-ÖØ-ÞА-ЯЁ][\w.'’-]{0,20}"
_NAME = rf"{_WORD}(?: (?:(?:de|da|del|di|von|van|der|den|ten|la|le|bin|ibn|al|el) ){{0,2}}{_WORD}){{1,3}}"
_ANY_NAME = re.compile(_NAME)
_AND = r"(?:, | and | und | y | et | e | и | & )"
_BY_NAME = re.compile(
    r"(?:(?:written|reported|words|text|posted|opinion|analysis|commentary) by|by|par|von|por|di|av|oleh|(?:escrito|publicado) por|(?:écrit|publié|(?:propos )?recueillis|réalisé) par|a cura di"
    r"|(?:eine? \w{4,20}|kommentar|analyse|interview|bericht|gastbeitrag|kolumne|essay) von"
    r"|автор(?:ы)?|текст|text|texte|texto|tekst|(?:autore?|autorin|autora|auteure?|author|penulis|reporter|writer|yazan|muhabir)s?\s?(?=[:：]))(?:\s?[:：]\s{0,3}|\s{1,3})"
    rf"(?P<n>(?-i:{_NAME}(?:{_AND}{_NAME}){{0,3}}))(?P<rest>\W.{{0,60}})?",
    re.IGNORECASE,
)
_DATE_BY_NAME = re.compile(
    rf"(?P<rest>.{{6,50}}?)[\s|·,–-]{{1,3}}(?:[Bb]y|par|por|von) (?P<n>{_NAME}(?:{_AND}{_NAME}){{0,3}})"
)
_NAME_WITH_ROLE = re.compile(
    rf"(?P<n>{_NAME}),? (?:\w+ )?(?:reporter|correspondent|staff writer|editor|корреспондент|обозреватель|редактор)"
)
_NAME_WITH_DATE = re.compile(rf"(?P<n>{_NAME})\s?[|·•—–-]\s?(?P<rest>.{{6,60}})")
_KOREAN_NAME = rf"(?!{KOREAN_POSTS})[가-힣]{{2,4}}"
_KOREAN_REPORTER = re.compile(
    rf"(?:^|[\s(\[=·/>])(?P<n>{_KOREAN_NAME}(?:[·,ㆍ] ?{_KOREAN_NAME}|(?<=[가-힣]{{3}}) [가-힣]{{3}}(?= )){{0,4}}) ?"
    rf"(?:(?:{KOREAN_POSTS}) ?)?(?:선임|전문|수습|객원|인턴)?(?:기자|특파원|논설위원)(?=[\s=)\](<]|$|\S*@)"
)
# "지금까지 서울에서 HBC뉴스 김바다였습니다."
_KOREAN_SIGN_OFF = re.compile(
    r"(?:^|\s)[A-Z]{2,5} ?(?:뉴스)? ?(?P<n>[가-힣]{2,4}?)(?:입니다|이었습니다|였습니다)\.?$"
)
_KOREAN_LABEL = re.compile(
    rf"(?:(?:작성자|글쓴이|기자명)\s?[:：=]?|글\s?[:：=])\s(?P<n>{_KOREAN_NAME})(?= ?(?:기자)?\s*$)"
)
_HAN_NAME = r"(?!编辑|編輯|责编|責編|摄影|攝影|实习生|通讯员|校对|来源|來源)[一-鿿]{2,4}"
_CHINESE_LABEL = re.compile(
    r"(?:(?:作者|记者|記者|撰文|撰稿|采写)\s?[:：]|(?:^|[\s　|｜/／])(?:作者|记者|記者|撰文|撰稿|采写|採訪|采访|文字|图文|圖文|文)\s?[:：/／|｜丨])"
    r"\s{0,5}(?:[一-鿿]{0,6}(?:记者|記者))?\s{0,5}"
    rf"(?P<n>{_HAN_NAME}(?:[、，, ]{_HAN_NAME}(?![:：])){{0,4}})(?=$|[\s　|｜])"
)
_CHINESE_OPENING = re.compile(
    rf"(?:本[报報社台网網]|[一-鿿]{{2,6}}[报報社网網])(?:记者|記者) ?(?P<n>{_HAN_NAME}(?:[、 ]{_HAN_NAME}){{0,3}})(?=报道|報道|報導|电|電|[ 　）)])"
)
# "記者王海／台北報導", "中央社記者王海台北5日電"
_TAIWANESE = re.compile(
    rf"(?:記者|记者)\s?(?:(?P<n>{_HAN_NAME}(?:[、 ]{_HAN_NAME}){{0,3}})\s?[／/].{{0,12}}(?:報導|报道|報道|電)"
    r"|(?P<m>[一-鿿]{2,3})[一-鿿]{2,3}\d{1,2}日)"
)
# "中廣新聞／王海"
_CHINESE_HOUSE = re.compile(
    r"[一-鿿]{2,8}(?:[报報社网網视視台]|新聞|新闻|中心|周刊|週刊)\s?[／/]\s?(?P<n>[一-鿿]{2,3})"
)
# "记者 王海", "海岸日报记者 王海、李明", "圖/文 王海"
_CHINESE_LINE = re.compile(
    rf"[一-鿿]{{0,10}}(?:记者|記者|作者|撰文|[图圖][/／]?文)[\s/／](?P<n>{_HAN_NAME}(?:[、，, ]{_HAN_NAME}){{0,4}})"
)
_CHINESE_END = re.compile(
    r"(?:记者|記者|作者|通讯员)[:： ]{0,2}(?P<n>[一-鿿]{2,4}(?:[、 ][一-鿿]{2,4}){0,4})[）)]"
)
_LINKED_NAME = re.compile(rf"{_NAME}|[一-鿿々가-힣][一-鿿々ぁ-んァ-ヶ가-힣 ]{{1,7}}")
_JAPANESE_NAME = r"[一-鿿々]{2,4}[一-鿿々ぁ-んァ-ヶ]{0,4}"
# （北京=上地一姫）, 【寺町六花、原田啓之】 and （聞き手・山田海子） are printed below or above a Japanese text.
_JAPANESE_END = re.compile(
    rf"[（【(](?!写真|撮影|画像|図)(?:[一-鿿ァ-ヶー]{{2,10}}[=＝ 　]|(?:文|聞き手|構成|取材)[=＝・:：])?"
    rf"(?P<n>{_JAPANESE_NAME}(?:[、・,]{_JAPANESE_NAME}){{0,5}})(?<![略真像料供続社部局版紙図图圖])[）】)]$"
)
_JAPANESE_PLACE = re.compile(
    rf"^[【（(]?[一-鿿ァ-ヶー]{{2,10}}[=＝](?!共同|時事|聯合|ロイター|AFP|AP|CNN|朝鮮)(?P<n>{_JAPANESE_NAME})(?:[】）)]|$)"
)
_JAPANESE_LABEL = re.compile(
    rf"(?:^|[\s　|｜/／（(])(?:取材・文|文・写真|取材|執筆者?|著者|筆者|ライター|文)[:：　 ／/●◎■＝=]{{1,3}}(?P<n>{_JAPANESE_NAME})$"
)
# "編集委員 山田海子", "山田海子記者"
_JAPANESE_ROLE = re.compile(
    rf"[\[［](?P<k>{_JAPANESE_NAME})[，,] ?[^\]］]{{2,20}}[\]］]"
    rf"|(?:[一-鿿ァ-ヶー]{{1,10}}(?:委員|記者|特派員|長)|ライター|ジャーナリスト)[\s=＝・](?P<n>{_JAPANESE_NAME})"
    r"|(?P<m>[一-鿿々ぁ-ん]{4,7}|[一-鿿々]{1,4}[ 　][一-鿿々ぁ-ん]{1,4})[ 　]?(?<![部局社紙班])(?:記者|特派員|編集委員|支局長)"
)
# "МОСКВА, 5 сен — РИА Новости, Анна Морская."
_RUSSIAN_DATELINE = re.compile(
    rf"[А-ЯЁ-]{{3,20}}[^—–]{{0,30}}[—–-] [^.,]{{2,25}}, (?P<n>{_NAME})\. "
)
_REPORTING_BY = re.compile(
    rf"\(?(?:Reporting|Writing|Story) by:? (?P<n>{_NAME}(?:[^;()]{{0,200}}))"
)
_NAME_WITH_EMAIL = re.compile(
    rf"^(?:[가-힣A-Z·]{{2,10}} )?(?P<n>(?!기자|특파원){_KOREAN_NAME}) ?(?:기자|특파원)?.{{0,3}}\S{{2,40}}@\S{{3,40}}"
)
_AUTHOR_IN_SCRIPT = re.compile(
    r'"(?:content_author|article_author|author_?[nN]ame|reporter_?[nN]ame|writer_?[nN]ame|byline)\\?"\s{0,3}:\s{0,3}\\?"([^"\\<>]{3,60})\\?"'
)
# "6 Min Read", "1 day ago", "Why you can trust us" appear in elements named as author.
_NOT_A_BYLINE = re.compile(
    r"\b(?:min(?:ute)?s? read|ago|why|you|trust|read more|follow|newsletter|subscribe|comments?)\b|评论|評論|跟帖|댓글|コメント",
    re.IGNORECASE,
)
_FURTHER_NAME = re.compile(rf"(?:\band|\bund|\by|\bet|\be|\bи|&) {_NAME}")
_LABEL_PATTERNS = (_KOREAN_LABEL, _CHINESE_LABEL, _JAPANESE_LABEL)
_LINE_PATTERNS = (_KOREAN_REPORTER, *_LABEL_PATTERNS, _JAPANESE_PLACE, _TAIWANESE)
_WHOLE_LINE_PATTERNS = (_JAPANESE_ROLE, _CHINESE_HOUSE, _CHINESE_LINE)
# "사진=이하늘 기자" names a photographer.
_NOT_A_WRITER = re.compile(
    r"^\W{0,3}(?:사진|영상|그래픽|편집|촬영|제공|图|圖|攝|摄|写真|撮影|photo|foto)", re.IGNORECASE
)
_MAX_BYLINE_WEIGHT, _SHORT_LINE_WEIGHT = 140, 80
_MAX_BLOCKS_NEAR_TITLE, _MAX_BLOCKS_ABOVE_TEXT, _MAX_BLOCKS_BELOW = 6, 40, 6
_MAX_BLOCKS_BELOW_LEAD, _MAX_OPENING_CHARS, _MAX_LINKS_IN_BLOCK = 20, 200, 20
_MAX_LEAD_LINES, _SUBHEADS = 4, frozenset({"h2", "h3", "h4"})
_MAX_SCRIPT_CHARS = 2_000_000
# Addresses of pages about one author: "/authors/anna-harbour", "/autor/12-anna".
_AUTHOR_PAGE = re.compile(
    r"/(?:[a-z]+[_-])?(?:authors?|autor(?:e|es|en|i)?|auteurs?|signataires?|journalists?|reporters?|writers?|columnists?|contributors?"
    r"|bylines?|staff|people|the-team|penulis|avtor\w{0,2}|firmas?)/[^/?#\s]{2,}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The blocks where a page prints its byline: from the headline to the text, and just below.

    `before`: a few blocks above the headline. `text_elements`: indexes of the element in which the
    text ends and of its parent.
    """

    before: Sequence[Block]
    above: Sequence[Block] = ()
    below: Sequence[Block] = ()
    text_elements: tuple[int, ...] = ()

    def mention(self, name: str) -> bool:
        """Returns whether any of the blocks has a name in it."""
        return any(name in block.text for block in (*self.before, *self.above, *self.below))


def find_surroundings(outline: Outline, text: str, title: str) -> Surroundings:
    """Returns the blocks above and below the text; all blocks as `before` if no text is found."""
    blocks = outline.blocks
    opening, ending = text.split("\n", 1)[0][:_MAX_OPENING_CHARS], text.rsplit("\n", 1)[-1][-60:]
    numbers = range(len(blocks))
    start = next((n for n in numbers if opening and blocks[n].text.startswith(opening)), None)
    if start is None:
        return Surroundings(blocks)
    end = next((n for n in numbers[start:] if blocks[n].text.endswith(ending)), None)
    headings = [n for n in numbers[:end] if title and title in blocks[n].text]
    # A menu far above the text may have the headline too.
    near = [n for n in headings if n >= start - _MAX_BLOCKS_ABOVE_TEXT]
    heading = next(iter(near or headings[-1:]), None)
    if heading is None:
        heading = bottom = start
        top = start - _MAX_BLOCKS_ABOVE_TEXT
    else:
        # A text that begins above the headline begins with something else.
        bottom = start if heading < start else heading + _MAX_BLOCKS_NEAR_TITLE
        top = heading - _MAX_BLOCKS_NEAR_TITLE
    before = blocks[max(0, top) : heading]
    above = [block for block in blocks[heading:bottom] if title not in block.text]
    if heading <= start:
        above += _blocks_below_lead(outline, start, text)
    if end is None:
        return Surroundings(before, above)
    below = blocks[end + 1 : end + 1 + _MAX_BLOCKS_BELOW]
    last_element = blocks[end].element_index
    parent = outline.elements[last_element].parent
    return Surroundings(before, above, below, (last_element, parent))


def _blocks_below_lead(outline: Outline, start: int, text: str) -> Sequence[Block]:
    """Returns the blocks between a text's lead and the next line; a lead may be some headings."""
    blocks = outline.blocks
    for line in islice(filter(None, text.split("\n")[1:]), _MAX_LEAD_LINES):
        numbers = range(start + 1, min(start + 2 + _MAX_BLOCKS_BELOW_LEAD, len(blocks)))
        opening = line[:_MAX_OPENING_CHARS]
        found = next((n for n in numbers if blocks[n].text.startswith(opening)), None)
        if found is None:
            return ()
        tag = outline.elements[blocks[start].element_index].tag
        if found > start + 1 or tag not in _SUBHEADS:
            return blocks[start + 1 : found]
        start = found
    return ()


def iter_printed_bylines(outline: Outline, near: Surroundings) -> Iterator[str]:
    """Yields bylines between headline and text, and signatures (with e-mail or label) below it."""
    yield from iter_bylines_in_blocks(outline, near.above)
    for block in near.below:
        element = block.element_index
        in_text = not {element, outline.elements[element].parent}.isdisjoint(near.text_elements)
        if line := _parse_signature(block.text, in_text=in_text):
            yield line


def iter_bylines_in_blocks(outline: Outline, blocks: Iterable[Block]) -> Iterator[str]:
    """Yields the blocks that are bylines by their words or by their element's name."""
    for block in blocks:
        if block.weight > _MAX_BYLINE_WEIGHT:
            continue
        text = separate_elements(block.text, outline.elements[block.element_index].node)
        if line := parse_byline(text):
            yield _cut_at_link(line, block, outline)
        elif _is_byline_element(outline, block.element_index) and not _NOT_A_BYLINE.search(text):
            yield text.replace("\n", ", ")
        elif block.link_weight:
            yield from _iter_linked_authors(block, outline.elements[block.element_index].node)


def _cut_at_link(names: str, block: Block, outline: Outline) -> str:
    """Returns the linked name of a byline that goes on with a role: "Anna Harbour Korrespondentin"."""
    if block.link_weight and _ANY_NAME.fullmatch(names):
        node = outline.elements[block.element_index].node
        return next(filter(names.startswith, _iter_linked_authors(block, node)), names)
    return names


def _iter_linked_authors(block: Block, node: LexborNode) -> Iterator[str]:
    """Yields the names in a block whose links lead to pages about an author."""
    names = [
        name
        for link in node.css("a[href]")[:_MAX_LINKS_IN_BLOCK]
        if _AUTHOR_PAGE.search(link.attributes["href"] or "")
        and _LINKED_NAME.fullmatch(name := text_of(link))
        and name in block.text
    ]
    if names:
        yield ", ".join(names)


def parse_byline(text: str) -> str:
    """Returns the names in a byline, separated by commas or "and"; "" for any other line."""
    if text_weight(text) > _MAX_BYLINE_WEIGHT:
        return ""
    if _ANY_NAME.search(text) and (names := _parse_western_byline(text)):
        return names
    if text.isascii() or (_NOT_A_WRITER.match(text) and not _CHINESE_LABEL.search(text)):
        return ""
    for pattern in _WHOLE_LINE_PATTERNS:
        if match := pattern.fullmatch(text):
            return _separate_names(match[match.lastgroup or 0])
    if text_weight(text) <= _SHORT_LINE_WEIGHT or "\n" not in text:
        return _search_names(text, _LINE_PATTERNS)
    return ""


def _parse_western_byline(text: str) -> str:
    """Returns the names in a byline whose names have capitals and spaces; "" for other lines."""
    if match := _REPORTING_BY.match(text):
        return match["n"]
    if match := _BY_NAME.fullmatch(text):
        return _names_in_line(match["n"], match["rest"] or "")
    for pattern in (_NAME_WITH_DATE, _DATE_BY_NAME):
        if (match := pattern.fullmatch(text)) and is_date_line(match["rest"]):
            return match["n"]
    match = _NAME_WITH_ROLE.fullmatch(text)
    return match["n"] if match else ""


def _parse_signature(text: str, *, in_text: bool) -> str:
    """Returns the names in a line below a text, if it has a label or e-mail address; else "".

    Other names below a text belong to other articles. `in_text`: the line stands in the text's own
    element or beside it, where a reporter's name needs no label.
    """
    if text_weight(text) > _MAX_BYLINE_WEIGHT:
        return ""
    if match := _REPORTING_BY.match(text):
        return match["n"]
    if (match := _BY_NAME.fullmatch(text)) and (in_text or "@" in text):
        return match["n"]
    if in_text and not _NOT_A_WRITER.match(text):
        return _search_names(text, (_NAME_WITH_EMAIL, _KOREAN_REPORTER, *_LABEL_PATTERNS))
    return _search_names(text, (_NAME_WITH_EMAIL, *_LABEL_PATTERNS))


def _search_names(text: str, patterns: Sequence[re.Pattern[str]]) -> str:
    for pattern in patterns:
        if match := pattern.search(text):
            return _separate_names(match[match.lastgroup or 0])
    return ""


def _names_in_line(names: str, text_after: str) -> str:
    """Returns the names of an English or European byline, with further names after them."""
    if _FURTHER_NAME.search(text_after):
        return names + text_after
    # "By Anna Harbour March 14, 2024", "By Anna Harbour On 3/14/24"
    if not re.match(r"\W{0,2}\d", text_after):
        return names
    for is_no_name in (MONTH_NUMBERS.__contains__, "on".__eq__):
        first_names, _, last_name = names.rpartition(" ")
        names = first_names if first_names and is_no_name(last_name.lower()) else names
    return names


def _separate_names(names: str) -> str:
    """Puts commas between names that contain no spaces."""
    return re.sub(r"[\s、，・·ㆍ]+", ",", names)


def iter_bylines_in_text(text: str) -> Iterator[str]:
    """Yields names from a text's first and last lines: "By Name", "김바다 기자 =", "（記者王海）"."""
    lines = text.split("\n")
    for line in (*lines[:3], lines[-1]):
        if len(line) <= _MAX_BYLINE_WEIGHT and (match := _BY_NAME.fullmatch(line)):
            yield match["n"]
    for line in (*lines[:2], *lines[-2:]):
        if match := _KOREAN_REPORTER.search(line[-80:] if line is lines[-1] else line[:80]):
            yield _separate_names(match["n"])
            return
    if match := _KOREAN_SIGN_OFF.search(lines[-1][-60:]):
        yield match["n"]
        return
    first, last = lines[0][:80], lines[-1]
    for line, pattern in ((lines[0][:120], _RUSSIAN_DATELINE), (last[:400], _REPORTING_BY)):
        if match := pattern.match(line):
            yield match["n"]
            return
    for line, pattern in ((last, _JAPANESE_END), (first, _JAPANESE_PLACE), (first, _TAIWANESE), (first, _CHINESE_END),
                       (first, _CHINESE_OPENING), (last, _CHINESE_END)):  # fmt: skip
        if names := _search_names(line, (pattern,)):
            yield names
            return
    for line in (*lines[:2], *lines[-3:]):
        if text_weight(line) <= _SHORT_LINE_WEIGHT and (
            names := _search_names(line, _LABEL_PATTERNS)
        ):
            yield names
            return


def iter_authors_in_scripts(source: str) -> Iterator[str]:
    """Yields the author named in scripts, if all name the same; else some are of other articles."""
    names = {match[1].strip() for match in _AUTHOR_IN_SCRIPT.finditer(source[:_MAX_SCRIPT_CHARS])}
    if len({name.lower().removeprefix("by ") for name in names}) == 1:
        yield min(names, key=len)


def _is_byline_element(outline: Outline, element: int) -> bool:
    nearest = (outline.elements[index].names for index in islice(outline.ancestors(element), 3))
    return any(name and _ELEMENT.search(name) and not _NOT_ELEMENT.search(name) for name in nearest)
