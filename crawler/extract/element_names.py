"""Guesses the role of an element from its tag and names (`class`, `id` and similar attributes)."""

import re
from functools import lru_cache

# Parts of names; each matches at the start of a word.
_CLUTTER = re.compile(
    r"(?:^|[\s_-])(?:"
    r"relat|recomm|relation|more-?(?:news|stor|on|from)|also-?(?:read|like)|read-?(?:more|next|also)"
    r"|share|sharing|social|sns|follow|comment|repl(?:y|ies)|disqus|foot|nav\b|navi|menu|gnb|lnb|snb"
    r"|bread-?crumb|crumb|side-?bar|aside|rank|popular|most|trend|banner|advert|ads?\b|adv\b|sponsor"
    r"|promo|newsletter|news-?letter|subscri|sign-?up|sign-?in|log-?in|cookie|consent|gdpr|modal"
    r"|pop-?up|overlay|tooltip|tags?\b|tag-?list|keyword|hash-?tag|copyright|(?<!font-)copy\b|widget|tool"
    r"|util|print\b|profile|reporter|journalist|writer|author|byline|by-line|hidden|skip|sr-only"
    r"|visually|screen-reader|poll\b|survey|quiz|outbrain|taboola|dable|teads|pagin|paging|prev\b|next\b"
    r"|feedback|donat|app-?down|download|issue-?list|news-?list|list-?news|hot-?news|latest|headline"
    r"-?list|topic-?list|editor-?pick|pick\b|best\b|bookmark|player|audio|tts|voice|font-?size|zoom"
    r"|correction|tip-?off|report-?box|jebo|infobox|factbox|read-?time|disclaimer|toc\b|tabs?\b"
    r"|date|time\\b|pub-?date|reg-?date|stamp|meta\\b|meta-?data|info-?date|second-?title"
    r"|pull-?quote|twitter-tweet|instagram-media|tiktok|fb-post"
    r"|search|language|lang\b|notice|alert|event\b|series|archive|calendar|weather|stock|ticker"
    r"|end-?mark|adsby|adbox|ad-|dfp|gpt|mpu|leaderboard|teaser(?!-content)|onward|carousel|slider|swiper"
    r"|gallery-?list|thumb|card\b|cards\b|rail\b|hub\b|topics\b|explore|elsewhere|around|viewers?\b"
    r")",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"caption|figcap|photo-?(?:desc|info|credit|txt|text)|img-?(?:desc|txt|info)|image-?(?:desc|credit)"
    r"|(?:^|[\s_-])(?:credit|cutline|caption|figure|photo|media|image|video|vod|pic)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"article-?_?(?:body|content|text|txt|main|view|page)|(?:body|content|main)-?_?(?:article|text|txt)"
    r"|story-?_?(?:body|content|text|news)|news-?_?(?:body|content|text|txt|view|con)|entry-content"
    r"|post-?_?(?:body|content)|article$|articlebody|view_?con|newsct|rich-?text|par$|cnt_view",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|stand-?first|summary|dek|deck|sub-?_?(?:title|head|headline|tit)|chapo"
    r"|intro|excerpt|announce|abstract|kicker-text|strap-?line|headline__sub|anons|preamble)",
    re.IGNORECASE,
)
# Never an article's text, however long it is.
_COMMENTS_OR_CONSENT = re.compile(
    r"(?:^|[\s_-])(?:comments?|cmts?|repl(?:y|ies)|disqus|fb-comments|livere|cookies?|cookie-?(?:banner|consent"
    r"|notice|bar|law|policy)|cookiebot\w*|consent|gdpr|ccpa|onetrust|didomi|usercentrics|qc-cmp2?|privacy-?(?:banner"
    r"|notice|wall|settings|manager))(?:$|[\s_-])",
    re.IGNORECASE,
)
_CLUTTER_TAGS = frozenset({"nav", "footer", "aside", "form", "dialog", "menu", "fieldset"})
_CAPTION_TAGS = frozenset({"figure", "figcaption", "caption"})


@lru_cache(maxsize=8192)
def is_clutter(tag: str, names: str) -> bool:
    """Returns whether an element is probably not article text: a menu, related news, tools."""
    return tag in _CLUTTER_TAGS or bool(names.strip() and _CLUTTER.search(_split_camel_case(names)))


@lru_cache(maxsize=8192)
def is_comments_or_consent(names: str) -> bool:
    """Returns whether an element holds readers' comments or asks for consent to tracking."""
    return bool(names.strip() and _COMMENTS_OR_CONSENT.search(_split_camel_case(names)))


@lru_cache(maxsize=8192)
def is_caption(tag: str, names: str) -> bool:
    """Returns whether an element is a picture with its caption, or a caption."""
    return tag in _CAPTION_TAGS or bool(_CAPTION.search(_split_camel_case(names)))


@lru_cache(maxsize=8192)
def is_body(names: str) -> bool:
    """Returns whether an element is named like the container of an article's text."""
    return bool(_BODY.search(names))


def is_lead(names: str) -> bool:
    """Returns whether an element is named like a standfirst (lead)."""
    return bool(_LEAD.search(_split_camel_case(names)))


def _split_camel_case(names: str) -> str:
    """Splits camelCase, because the patterns match at the start of words."""
    return re.sub(r"([a-z])([A-Z])", r"\1-\2", names)
