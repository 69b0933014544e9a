"""Tells a sentence of a report from a notice that uses the same words.

Reports tell of photos, tips, subscribers and copyright too. A notice is no sentence, or it speaks
to the reader, names its own outlet's rights, or begins with a label such as "Photo:".
"""

import re

from crawler.extract.page.outline import text_weight

_MIN_WEIGHT = 20
_CLOSING_MARKS = "\"'”’»›」』》)）]］】"
_STOPS = (".", "!", "?", "。", "！", "？", "…", "।", "۔", "؟", "다")
QUOTATION = re.compile(
    r"“[^“”]{0,200}”|\"[^\"]{0,200}\"|«[^«»]{0,200}»|„[^„“”]{0,200}[“”]|「[^「」]{0,200}」|『[^『』]{0,200}』"
    r"|《[^《》]{0,200}》"
)
TELLING_VERB = re.compile(
    r"\b(?:said|says|told|asks|asked|wrote|writes|noted|added|urged|reported|showed|warned|warns|dijo|dice|según|gritó|explicó|afirmó|selon|dit|disait|écrit"
    r"|(?:déclar|expliqu)\w{1,3}|sagte|laut|teilte|rief|schrieb|rät|erklärte|сказал\w{0,2}|заяв(?:ил|ля)\w{0,2}|сообщ(?:ил|а)\w{1,3}"
    r"|отмети(?:л|т)\w{0,2}|советует|предупред\w{2,3})\b|말했|밝혔|전했|설명했|덧붙였|주장했|라고|다고"
    r"|[说說称稱](?=[，。：:]|$)|表示(?=[，。]|$)|报道称|報道稱|[と、]述べ|述べた|と語|と話|という|伝え",
    re.IGNORECASE,
)
_SPEAKS_TO_READER = re.compile(
    r"\b(?:our|us|your?|here|click|newsletter|inbox|this story|nuestr\w+|aquí|suscrí\w+|síg\w+|votre|vous|notre|nos|ici"
    r"|abonnez|unser\w*|hier|(?-i:Sie|Ihre?n?)|ваш\w*|вас|вам|нас|наш\w*|подпи\w+)\b"
    r"|세요|십시오|바랍니다|기다립니다|드립니다|여러분|하실 |본지|이 기사|본 기사"
    r"|请|請|您|敬请|ください|下さい|お寄せ|本(?:报|報|网|網|站|刊|紙|サイト|記事)",
    re.IGNORECASE,
)
_ADDRESS_OR_MARK = re.compile(
    r"@|https?:|www\.|[©ⓒ](?! (?-i:[a-z]))|\(c\) ?(?:\d|(?-i:[A-Z]))|^(?:image|media|picture) (?:source\s?[,:]|caption)",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"copyrights?\W{0,4}(?:\d{4}|by\b)|(?:reserved|reservados|réservés|vorbehalten|защищены)\s?(?:[.,;|]|$)"
    r"|금지(?:합니다|됩니다|한다|함)?\.?$|금(?:합니다|한다)|版[权權]所有(?:[。，,、\s]|$)"
    r"|不得(?:转载|轉載|使用|复制|複製|摘)|(?:転載|複製)(?:(?:を|は|の)?(?:禁|お断|固く|ご遠慮)|・|など|等)"
    r"|^\W{0,3}[^:：=.,。，\d]{1,24}[:：=]"
    r"|^\W?(?:additional )?(?:reporting|writing|editing|compiled|photos?|images?|pictures?) (?:by|courtesy of) (?:the )?(?-i:[A-Z])"
    r"|^this \w{5,7} .{0,60}(?:first|originally) (?:published|appeared)"
    r"|^(?:first|originally) (?:published|appeared)(?:[^,]|, (?:19|20)\d\d)*$|ссылка .{0,40}обязательн",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:AP Photo|REUTERS|EPA-EFE)/|/ ?AFP\b|[.!?([–—-] ?(?:an? )?(?:undated )?(?:file |hand-?out )?(?:photo|picture)\b"
    r"|(?:^|, )(?:undated |file |hand-?out ){1,2}(?:photo|picture)\b"
    r"|\bin (?:this (?:[\w-]+ ){0,3}(?:photo|picture|image)|an? (?:[\w-]+ ){0,3}(?:photo|picture|image)\W*$)",
    re.IGNORECASE,
)


def ends_like_sentence(text: str) -> bool:
    """Returns whether a text ends with a full stop or the like, or with a Korean verb."""
    return text.rstrip(_CLOSING_MARKS).endswith(_STOPS)


def is_report_sentence(line: str) -> bool:
    """Returns whether a line is a sentence that tells something, and not a notice or a caption."""
    if text_weight(line) < _MIN_WEIGHT or not ends_like_sentence(line):
        return False
    own_words = QUOTATION.sub(" ", line)
    if _ADDRESS_OR_MARK.search(own_words) or _CAPTION.search(own_words):
        return False
    if TELLING_VERB.search(own_words):
        return True
    return not (_NOTICE.search(own_words) or _SPEAKS_TO_READER.search(own_words))
