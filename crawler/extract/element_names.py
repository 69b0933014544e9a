"""Guesses the role of an element from its tag and names (`class`, `id` and similar attributes)."""

import re
from functools import lru_cache

# Parts of names; each matches at the start of a word.
_CLUTTER = re.compile(
    r"(?:^|[\s_-])(?:"
    r"relat|recomm|more-?(?:news|stor|on|from)|also-?(?:read|like)|read-?(?:more|next|also)"
    r"|share|sharing|social|sns|follow|comment|repl(?:y|ies)|disqus|foot|nav\b|navi|menu|gnb|lnb|snb"
    r"|bread-?crumb|crumb|side-?bar|aside|rank|popular|most|trend|banner|advert|ads?\b|adv\b|sponsor"
    r"|promo|news-?letter|subscri|sign-?up|sign-?in|log-?in|cookie|consent|gdpr|modal"
    r"|pop-?up|overlay|tooltip|tags?\b|tag-?list|keyword|hash-?tag|copyright|(?<!font-)copy\b|widget|tool"
    r"|util|print\b|profile|reporter|journalist|writer|author|byline|by-line|hidden|skip|sr-only"
    r"|visually|screen-reader|poll\b|survey|quiz|outbrain|taboola|dable|teads|pagin|paging|prev\b|next\b"
    r"|feedback|donat|app-?down|download|issue-?list|news-?list|list-?news|hot-?news|latest|headline"
    r"-?list|topic-?list|editor-?pick|pick\b|best\b|bookmark|player|audio|tts|voice|font-?size|zoom"
    r"|correction|tip-?off|report-?box|jebo|infobox|factbox|read-?time|disclaimer|toc\b|tabs?\b"
    r"|date|meta\b|pub-?date|reg-?date|stamp|meta-?data|info-?date|second-?title"
    r"|pull-?quote|instagram-media|tiktok|fb-post"
    r"|search|language|lang\b|notice|alert|event\b|series|archive|calendar|weather|stock|ticker"
    r"|end-?mark|adsby|adbox|dfp|gpt|mpu|leaderboard|teaser(?!-content)|onward|carousel|slider|swiper"
    r"|gallery-?list|thumb|cards?\b|rail\b|hub\b|topics\b|explore|elsewhere|around|viewers?\b"
    r")",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"caption|figcap|photo-?(?:desc|info|credit|txt|text)|img-?(?:desc|txt|info)|image-?(?:desc|credit)"
    r"|(?:^|[\s_-])(?:credit|cutline|figure|photo|media|image|video|vod|pic)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"article-?_?(?:body|content|text|txt|main|view|page)|(?:body|content|main)-?_?(?:article|text|txt)"
    r"|story-?_?(?:body|content|text|news)|news-?_?(?:body|content|text|txt|view|con)|entry-content"
    r"|post-?_?(?:body|content)|article$|view_?con|newsct|rich-?text|par$|cnt_view",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|stand-?first|summary|dek|deck|sub-?_?(?:head|tit)|chapo"
    r"|intro|excerpt|announce|abstract|kicker-text|strap-?line|headline__sub|anons|preamble)",
    re.IGNORECASE,
)
# Never an article's text, however long it is.
_COMMENTS_OR_CONSENT = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?(?:list|area|thread)s?)?|cmts?|repl(?:y|ies)|disqus|fb-comments|livere|cookies?|cookie-?(?:banner|consent"
    r"|notice|bar|law|policy)|cookiebot\w*|consent|gdpr|ccpa|onetrust|didomi|usercentrics|qc-cmp2?|privacy-?(?:banner"
    r"|notice|wall|settings|manager))(?:$|[\s_-])",
    re.IGNORECASE,
)
# Classes of CSS frameworks that say how a box looks on some screen, and not what it holds.
_LOOKS = re.compile(
    r"(?<!\S)(?:\S*[:\[]\S*|relative|overflow(?:-[xy])?-hidden"
    r"|(?:d|hidden|hide|show|visible)(?:-for)?-(?:xs|sm|md|lg|xl|small|medium|large|print|mobile|tablet|desktop)\S*)(?!\S)"
)
_CLUTTER_TAGS = frozenset({"nav", "footer", "aside", "form", "dialog", "menu", "fieldset"})
_CAMEL_CASE = re.compile(r"([a-z])([A-Z])")
_DIGIT = re.compile(r"\d")
_CAPTION_TAGS = frozenset({"figure", "figcaption", "caption"})


@lru_cache(maxsize=8192)
def is_clutter(tag: str, names: str) -> bool:
    """Returns whether an element is probably not article text: a menu, related news, tools."""
    return tag in _CLUTTER_TAGS or _matches(_CLUTTER, names)


@lru_cache(maxsize=8192)
def is_comments_or_consent(names: str) -> bool:
    """Returns whether an element holds readers' comments or asks for consent to tracking."""
    return _matches(_COMMENTS_OR_CONSENT, names)


@lru_cache(maxsize=8192)
def is_caption(tag: str, names: str) -> bool:
    """Returns whether an element is a picture with its caption, or a caption."""
    return tag in _CAPTION_TAGS or _matches(_CAPTION, names)


def is_aside_tag(tag: str) -> bool:
    """Returns whether a tag itself marks clutter or a caption, such as `nav` or `figure`."""
    return tag in _CLUTTER_TAGS or tag in _CAPTION_TAGS


@lru_cache(maxsize=8192)
def is_body(names: str) -> bool:
    """Returns whether an element is named like the container of an article's text."""
    return bool(_BODY.search(names))


@lru_cache(maxsize=8192)
def aside_words(names: str) -> frozenset[str]:
    """Returns the words in an element's names that are said of clutter or captions."""
    words = _split_camel_case(_LOOKS.sub("", names)).lower()
    return frozenset(
        match[0].strip(" _-") for part in (_CLUTTER, _CAPTION) for match in part.finditer(words)
    )


@lru_cache(maxsize=8192)
def kind_of(names: str) -> str:
    """Returns the names that an element shares with its like: those without a digit."""
    return " ".join(name for name in names.split() if name.isalpha() or not _DIGIT.search(name))


def is_lead(names: str) -> bool:
    """Returns whether an element is named like a standfirst (lead)."""
    return _matches(_LEAD, names)


def _split_camel_case(names: str) -> str:
    """Splits camelCase, because the patterns match at the start of words."""
    return _CAMEL_CASE.sub(r"\1-\2", names)


def _matches(pattern: re.Pattern[str], names: str) -> bool:
    """Returns whether a pattern matches the names, apart from those that only say how a box looks."""
    return pattern.search(_split_camel_case(names)) is not None and (
        pattern.search(_split_camel_case(_LOOKS.sub("", names))) is not None
    )
