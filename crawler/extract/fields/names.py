"""Splits bylines into names, and leaves out what is no name: roles, labels, places, times."""

import re
from collections.abc import Iterable, Iterator

from crawler.extract.body.body import letters_only
from crawler.extract.dates.months import MONTH_PATTERN

# E-mail addresses, and handles such as "@annaharbour".
_ADDRESS = re.compile(
    r"[(<（\[]?(?:[A-Za-z0-9_.+-]{1,40}@[A-Za-z0-9_-]{1,60}\.[A-Za-z0-9.-]{2,60}|@[A-Za-z0-9_]{1,40})[)>）\]]?"
)
# Cities where Korean papers have correspondents; they stand like a second name.
KOREAN_POSTS = "워싱턴|뉴욕|도쿄|오사카|베이징|상하이|홍콩|선양|타이베이|모스크바|런던|파리|베를린|브뤼셀|제네바|하노이|방콕|자카르타|뉴델리|카이로|이스탄불"
_SOCIAL = "(?:twitter|facebook|instagram|linkedin|telegram|whatsapp|youtube|weibo|email|e-mail|rss|bio|profile)"
_LABEL_WORDS = r"[^\W\d_]{1,14}(?:[·・ㆍ/／&][^\W\d_]{1,14}){0,3}"
_AUTHOR_LABEL = (
    r"by|author|autore?|autorin|auteure?|texte?|texto|words|story|reporter|penulis|автор|текст|作者|著者"
    r"|记者|記者|撰文|采写|採訪|采访|文|執筆|取材|글|기자|작성자|글쓴이|취재"
)
# Whoever follows these words did not write the article.
_OTHER_LABEL = (
    r"photo\w{0,10}|foto\w{0,8}|picture|pictures|image|images|illustration|illustrations|graphics?|video|camera"
    r"|edited|editing|editor|editors|editado|redakteur|redaktör|translated|translation|translator|produced|producer"
    r"|reviewed|checked|host|hosts|hosted|presenter|presented|narrated|anchor"
    r"|updated|source|sources|quelle|fuente|fonte|bild|bilder|crédit|credit|credits|redigering"
    r"|фото|видео|источник|редактор|перевод|责任编辑|責任編輯|责编|責編|编辑|編輯|編集|校对|校對|编审|審校|审核|监制"
    r"|来源|來源|稿源|图|圖|图片|圖片|摄影|攝影|攝|撮影|写真|翻译|翻譯|訳|사진|영상|편집|그래픽|제공|촬영|출처|번역"
)
_LABEL = re.compile(
    rf"(?:^|(?<=[\s,;.|()（）【\[〔、，；]))(?:(?P<known>(?:{_AUTHOR_LABEL}|{_OTHER_LABEL})(?:[·・ㆍ/／&](?:{_AUTHOR_LABEL}|{_OTHER_LABEL})){{0,3}})"
    rf"(?: by)?\s?[:：=＝丨]|(?P<credit>{_OTHER_LABEL})(?:\s(?:by|von|par|por|di)\b|\s?[=＝／/]))"
    rf"|^(?P<other>{_LABEL_WORDS}(?: by)?)\s?[:：](?!\d)",
    re.IGNORECASE,
)
# Every label has one of these.
_LABEL_MARK = re.compile(r"[:：=＝丨／/]|\s(?:by|von|par|por|di)\b", re.IGNORECASE)
_OTHER_LABELS = re.compile(rf"(?:{_OTHER_LABEL})(?:[·・ㆍ/／&](?:{_OTHER_LABEL}))*", re.IGNORECASE)
# "Anna Harbour (Seoul)", "山田海子（やまだ・うみこ）"
_NOTE = re.compile(r"(?<=[^\s,;|])\s?[(（\[〔<][^()（）\[\]〔〕<>]{0,60}[)）\]〕>]")
_SPLIT = re.compile(
    r"\s{0,9}(?:,|;|、|，|·|・(?=\S{3})|\||/|／|&|＆|•|\s[–—-]\s|\b(?:and|und|et|и|та)\b|\b(?:y|e|i|en|og|och|dan|ve|і)\b(?=\s[A-ZÀ-ÞА-ЯЁІЇЄ])|\n"
    r"|(?<=[가-힣]{3})(?<![가-힣]{4})\s(?=[가-힣]{3} ?(?:기자|특파원))|\s?(?:선임|전문|수습|인턴|객원)?기자\s(?=[가-힣])|\s(?=(?:本[报報社台网網])?(?:通讯员|通訊員|实习生|记者|記者)\s?[一-鿿]))\s*"
)
_PREFIX = re.compile(
    r"^(?:(?:[a-zà-ÿ ]{3,30} )?(?:by|por|par)|von(?! der)|oleh|(?-i:a cura di|di)|автор(?:ы)?|текст|작성자|기자명?|글쓴이|文|記者|记者)\b[:：]?\s*"
    r"|^[【\[（(〔]|^(?:本[报報社台网網])?(?:記者|记者|作者|通讯员|通訊員|实习生)[:：／/]?\s*"
    r"|^(?:글|사진|취재|영상|取材|文|写真)(?:[·ㆍ・]|[:：=／/ ])\s*"
    r"|^(?:聞き手|構成|文)[・=＝]|^[가-힣]{2,5}[=＝](?=[가-힣])|^[一-鿿ァ-ヶー]{2,12}[=＝](?=[一-鿿ぁ-ん])"
    # "2024-03-14 海岸報 記者王海", "編集委員 山田海子"
    r"|^.{0,30}(?:(?:記者|记者|特派員)\s?|(?:撰稿人|[评評][论論][员員])\s)(?=[一-鿿]{2,4}$)"
    rf"|^(?:{KOREAN_POSTS})\s(?=[가-힣]{{2,4}}$)"
    r"|^[一-鿿ァ-ヶー]{1,10}(?:委員|[部局]|長|デスク|センター|ライター)[\s=＝・/／](?=\S{2})",
    re.IGNORECASE,
)
_ROLE = (
    r"(?:reporters?|correspondents?|editors?|staff writers?|writers?|columnists?|(?:news )?interns?|producers?|bureau chief|journalists?|contributors?"
    r"|redakteur(?:in)?|korrespondent(?:in)?|journalist(?:in|e)?|corresponsal|periodista|giornalista|корреспондент|обозреватель|журналист)"
)
_ROLE_ADJECTIVE = (
    r"(?:senior|staff|chief|political|foreign|deputy|special|world|asia|digital|online|news|national|international|business"
    r"|security|diplomatic|defen[cs]e|economics|science|associate|assistant|managing|executive|contributing|freelance|investigative|guest|junior|principal|lead"
    r"|city|local|sports?|health|education|courts?|crime|culture|arts|entertainment|opinion|technology|tech|climate|environment|energy|europe|africa|china|korea"
    r"|washington|seoul|tokyo|beijing|moscow|features|data|photo|video|our|специальный|собственный)"
)
_SUFFIX = re.compile(
    r"\s{0,9}(?:\s[가-힣]{1,4}(?:부장|차장|국장|위원|전문기자|인턴기자|선임기자)|\s(?:[가-힣]{1,3}부 ?)?(?:부장|차장|국장|교수|통신원|앵커|아나운서|칼럼니스트|피디|PD)"
    rf"|(?:선임|전문|수습|인턴|객원)?기자|(?:\s(?:{KOREAN_POSTS}) ?)?특파원|논설위원|외 \d+명|发自.*"
    r"|記者|记者|特派員|特約記者|編集委員|論説委員|支局長|\(.*\)|（.*）|\[.*\]|〔.*〕|<.*>|[】\]）)〕]"
    rf"|,? ?\b(?:{_ROLE_ADJECTIVE} )*{_ROLE}"
    r"|\s(?-i:on)|(?:(?<=\s)|^)(?:in|for|at|from|special to|of the) [A-Z].*|\b(?:published|updated|posted|opublikowano|опубликовано)\b.*|\b(?:avec|mit|con|with) \S+"
    rf"|[\s,|·-]\b(?:{MONTH_PATTERN})\b\.? ?\d.*|\s\d.*)\s*$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|[@{}<>]|\d|^\W*$|\b(?:inc|ltd|gmbh|llc|corp)\b\.?|all rights|published|updated"
    r"|责任编辑|責任編輯|责编|(?:報導|报道|報道|電|电|讯|訊|攝|摄影|攝影|撮影|整理|整合)$"
    r"|^(?:本报|特约|实习|见习|首席)?(?:记者|記者|实习生|通讯员|通訊員|编辑|編輯|作者|撰文|摄影|攝影|特派員|編集委員|기자|특파원)$"
    rf"|^(?:{MONTH_PATTERN})$"
    rf"|^(?:(?:{_ROLE_ADJECTIVE}|the) ?)*{_ROLE}?(?: in chief)?$"
    r"|^(?:admin\w*|unknown|none|null|guest|гость|webmaster|author|[\w ]{0,20}\b(?:desk|team|staff|newsroom|bureau)"
    r"|(?:die |la |the )?(?:redaktion|redacción|redaccion|rédaction|redação|redazione|editorial(?: board)?|редакция)(?:\s.{0,25})?|[\w-]{0,20}redaktion"
    r"|.{0,12}(?:编辑部|編輯部|編集部|小编)|[가-힣]{0,8}\s?(?:팀|뉴스팀|뉴스부|편집부|편집국|보도국|정치부|경제부|사회부|국제부|문화부))$"
    r"|^(?:follow|social|more|links?|contact|posts?|articles?|stories|view|read|about|sign)\b|^(?:le|la|les|el|los|the|die|der|das|il)$|(?:综合|綜合|佚名|匿名|网络|网友|原创|转载)$"
    rf"|^(?:{KOREAN_POSTS})$"
    r"|^[가-힣]{2,6}(?:경제|정치|사회|국제)$"
    r"|^(?:(?:on|follow|view|see|read|more|our|your|this|share|contact)\b.{0,30} )?"
    + _SOCIAL
    + "$",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r"^(?:the )?(?:reuters|ap|afp|associated press|canadian press|agence france[- ]presse|upi|efe|dpa|ani|ians|pti|ansa|bloomberg|kcna"
    r"|xinhua|kyodo|yonhap|tass|тасс|риа новости|интерфакс|연합뉴스|뉴시스|뉴스1|조선중앙통신|新华社|新華社|中央社|中新社|共同|時事"
    r"|共同通信社?|時事通信社?|朝鮮中央通信|ロイター|agencias?|agenturen|agences?"
    r"|cnn|bbc|abc|cbs|nbc|cnbc|msnbc|fox|itv|npr|pbs|voa|rfa|nhk|kbs|mbc|sbs|ytn|jtbc|cgtn|cctv)\b.{0,16}$"
    r"|\b(?:news|agency|media|press|newspapers?|times|television|radio|services?)$"
    r"|(?:뉴스|일보|신문|방송|통신|新聞社?|新闻|通信社?|日报|日報|网|網|号|[报報]|オンライン|デジタル)$",
    re.IGNORECASE,
)
# "Anna Harbour. Coastal International", but neither "Prof. Anna" nor "Anna J. Harbour".
_ORGANISATION = re.compile(r"(?<=[a-zà-ÿ]{3})\. [A-Z].*$")
# Words with which a phrase goes on and no name does: "Anna Harbour reporting from the harbour".
_PHRASE = re.compile(r"\s(?!(?:della|delle|degli|dalla|dello)\b)[a-zà-ÿа-яё]{4,}(?:\s.*)?$")
_LOWER_CASE = re.compile(r"[a-zà-ÿа-яё .'’-]+")
# "Anna Harbour BBC News", "Anna Harbour Twitter"
_AFTER_NAME = re.compile(
    rf"\s(?:(?:the )?(?:associated press|canadian press|bbc news|bbc|cnn|reuters|afp|ap|upi|dpa|efe|pti|ansa)|{_SOCIAL})$",
    re.IGNORECASE,
)
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_EDGES = " \t-–—|·:：=,([（【〔"
_MIN_LATIN_CHARS = 3
_MAX_NAME_CHARS, _MAX_WORDS, _MAX_BYLINE_CHARS = 60, 6, 600


def clean_names(byline_texts: Iterable[str]) -> tuple[str, ...]:
    """Splits bylines into names and removes what is not part of a name, such as roles."""
    names: dict[str, str] = {}
    has_name = False
    for text in byline_texts:
        parts = list(_iter_parts(text.strip()[:_MAX_BYLINE_CHARS]))
        has_capitals = any(part[:1].isupper() for part in parts)
        for name in map(_strip_name, parts):
            if has_capitals and name[:1].islower():
                continue  # "in Seoul" after "Anna Harbour"
            if has_name and " " not in name and not _WIDE.search(name):
                continue  # "Seoul" of "Anna Harbour, Seoul correspondent"
            if is_name(name):
                names.setdefault(letters_only(name), name)
                has_name = has_name or " " in name or is_agency(name)
    return tuple(names.values())


def is_agency(name: str) -> bool:
    """Returns whether a name is that of a news agency or a paper."""
    return _AGENCY.search(name) is not None


def credits_others(text: str) -> bool:
    """Returns whether a text labels somebody as an editor, a photographer or a source."""
    return any(_gives_to_others(label) for label in _LABEL.finditer(text))


def is_name(name: str) -> bool:
    """Returns whether a piece of a byline can be the name of a person or an agency."""
    if not 1 < len(name) <= _MAX_NAME_CHARS or name.count(" ") >= _MAX_WORDS:
        return False
    if is_agency(name):
        return True
    if name.isascii() and " " not in name and (len(name) < _MIN_LATIN_CHARS or name.islower()):
        return False  # "HT", "jharbour"
    return not (_NOT_A_NAME.search(name) or name.startswith("The ") or _has_phrase(name))


def _iter_parts(text: str) -> Iterator[str]:
    """Yields the pieces of a byline, without addresses and without what labels give to others."""
    if text.startswith(("http", "//", "@", "{", "[{")):
        return
    text = _NOTE.sub("", _ADDRESS.sub(" | ", text) if "@" in text else text)
    start, is_author = 0, True
    for label in _LABEL.finditer(text) if _LABEL_MARK.search(text) else ():
        if is_author:
            yield from _split(text[start : label.start()])
        start, is_author = label.end(), not _gives_to_others(label)
    if is_author:
        yield from _split(text[start:])


def _gives_to_others(label: re.Match[str]) -> bool:
    words = label["known"] or label["credit"] or label["other"]
    return _OTHER_LABELS.fullmatch(words) is not None


def _split(text: str) -> list[str]:
    return _SPLIT.split(_PREFIX.sub("", text.strip()))


def _strip_name(name: str) -> str:
    name = _PREFIX.sub("", name.strip(_EDGES + "."))
    if " " in name.partition(".")[0]:
        name = _ORGANISATION.sub("", name)
    for _ in range(3):
        shorter = _SUFFIX.sub("", name).strip(_EDGES)
        if shorter == name or not shorter:
            break
        name = shorter
    name = _PREFIX.sub("", name)
    if " " in (shorter := _AFTER_NAME.sub("", name)):
        name = shorter
    if " " in (shorter := _PHRASE.sub("", name)) and not _LOWER_CASE.fullmatch(name):
        return shorter
    return name


def _has_phrase(name: str) -> bool:
    """Returns whether a name has capitals and, elsewhere, a long word without one."""
    return not _LOWER_CASE.fullmatch(name) and _PHRASE.search(name) is not None
