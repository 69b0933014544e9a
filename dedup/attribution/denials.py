"""Phrases that say that a named source is not the source: denial, comparison, earlier reports."""

import re

REACH_CHARS = 90
"""How far a denial is looked for before and after a name, within its sentence."""

_DENIED_BEFORE = re.compile(
    # English
    r"\b(?:unlike|contrary to|in contrast (?:to|with)|as opposed to|different (?:from|than)|neither|nor|without (?:citing|quoting|naming|crediting)"
    r"|not (?:been |yet |yet been |immediately )?(?:reported|mentioned|confirmed|carried|covered|cited|quoted|announced|released)\b(?: \w+){0,2} (?:by|in|on|through)"
    r"|no (?:\w+ )?(?:mention|word|reports?|reaction|response|comment|confirmation|coverage)\b[^,;:]{0,50} (?:by|from|in|on)"
    r"|(?:last (?:week|month|year)|earlier this (?:week|month|year)|in recent (?:weeks|months|years)|previously|in the past)"
    r"|(?:before|until|whether|if)(?: \w+){0,2})\b[^.,;:]{0,40}$"
    # Spanish
    r"|\b(?:a diferencia de|al contrario (?:de|que)|contrariamente a|en contraste con|en contra de lo que|distinto (?:de|a)|sin que|sin (?:citar|mencionar|mención)"
    r"|ni siquiera|no (?:lo |la |se |ha |ha sido |fue |había )?(?:mencion|inform|report|public|confirm|anunci|difundi|recogi|coment)\w{1,4}\b)[^.,;:]{0,40}$"
    # French
    r"|(?:\b(?:contrairement (?:à|au|aux)|à la différence (?:de|du)|à l['’]inverse (?:de|du)|à l['’]opposé (?:de|du)|sans que|sans (?:citer|mentionner)|différent de)"
    r"|\bn['’](?:a|ont|avait|est|était|en)\b[^.,;:]{0,12} pas[^.,;:]{0,30} (?:par|dans|sur))\b[^.,;:]{0,40}$"
    # Russian
    r"|\b(?:(?:в отличие от|вопреки)(?: того| тому), что|в отличие от|вопреки|в противоположность|по сравнению с|не ссылаясь на|без ссылки на|без упоминания|ни"
    r"|не (?:был[оаи]? )?(?:сообщ|упомин|упомян|подтвер|опубликов|комментир|прокомментир|передава|распростран|объяв)\w{0,10})\b[^.,;:]{0,40}$"
    # Chinese, Japanese, Korean
    r"|(?:不同於|不同于|有別於|有别于|異於|异于|不像|並非|并非|沒有引述|没有援引|此前|去年)[^。，,]{0,12}$",
    re.IGNORECASE,
)

_CONTRACTED = r"(?:n['’]t| not)"
_DENIED_AFTER = re.compile(
    # English
    r"(?:['’]s)?(?:\s?\([^()\n]{0,30}\))?,?(?:\s(?:news agency|news|agency|newspaper|reports?|dispatch(?:es)?|statements?|articles?|commentary|coverage|itself|also|still|however|so far|yet),?){0,3}"
    rf"\s(?:(?:did|does|do|has|have|had|was|were|is|are|could|would|can){_CONTRACTED}|never|(?:has|have|had) (?:yet to|so far not|still not|never|made no|said nothing|remained silent)"
    r"|made no|makes? no|gave no|offered no|provided no|said nothing|(?:has |have )?(?:remained|stayed|kept|were|was) (?:silent|mum|quiet)|ignored|omitted|failed to|stopped short|refrained"
    r"|(?:is|are|was|were) (?:expected|likely|due|set) to|may|might|could|should)\b"
    # English: the report is an old one
    r"|[^.;\n]{0,14}?\b(?:said|says|reported|announced|claimed|wrote|published|carried|aired|report|statement)\b(?:\s[\w,]+){0,4}?\s"
    r"(?:last (?:year|month|summer|spring|autumn|fall|winter)\b(?!['’]s)|(?:an?|\d+|two|three|four|five|six|several|many) (?:years?|months?|decades?) (?:ago|earlier|before)\b"
    r"|(?:back )?in (?:19|20)\d\d(?=[,.]| that\b))"
    r"|\s(?:had )?previously (?:said|reported|announced|claimed)\b"
    # Spanish
    r"|(?:\s?\([^()\n]{0,30}\))?,?\s(?:(?:aún|todavía|tampoco|también|por ahora|de momento|hasta ahora)\s){0,2}(?:no|nunca|tampoco)\s"
    r"|\s(?:guardó|guardaron|mantuvo|mantiene|guarda) silencio|\s(?:omitió|ignoró|evitó)\b"
    r"|\s(?:dijo|informó|reportó|anunció|afirmó|publicó|aseguró|informaron)\s(?:ya\s)?(?:el (?:año|mes|verano) pasado|hace (?:un|dos|tres|varios|\d+) (?:año|mes)\w{0,2}|en (?:19|20)\d\d(?=[,.]| que\b))"
    # French
    r"|(?:\s?\([^()\n]{0,30}\))?,?\s(?:(?:elle-même|pour sa part|toutefois|cependant|non plus|encore|toujours)\s){0,2}(?:n['’]|ne\s)"
    r"|\s(?:est|sont) rest\w{1,4} (?:muet|silencieu)\w{0,4}|\s(?:garde|gardait|a gardé) le silence"
    r"|\s(?:a |avait )(?:déjà )?(?:rapporté|annoncé|indiqué|déclaré|affirmé|publié|dit)\s(?:l['’](?:an|année) derni(?:er|ère)|le mois dernier|il y a (?:un|deux|trois|plusieurs|\d+) (?:an|moi)s?|en (?:19|20)\d\d(?=[,.]| que?\b))"
    # Russian
    r"|(?:\s?\([^()\n]{0,30}\))?[»”\"]?,?\s(?:(?:об этом|этого|пока|ещё|еще|также|тоже|никак|ничего|до сих пор|при этом|однако|так и)\s){0,3}не\s"
    r"|\s(?:хранит|хранят|хранило|промолчал\w?|молчит|молчат)\b"
    r"|[»”\"]?\s(?:сообщ\w{1,8}|писал\w?|объявил\w{0,2}|заявил\w{0,2}|передавал\w?|утверждал\w?|опубликовал\w?)\s(?:в прошлом (?:году|месяце)|(?:год|два года|три года|несколько лет|\d+ лет) назад|в (?:19|20)\d\d году)"
    # Chinese
    r"|[」』》〉”]?(?:對此|对此|也|亦|並|并|至今|尚|仍|暫時|暂时|暫|暂|目前|則|则|迄今|當天|当天|一直|卻|却|都|就此){0,3}(?:沒有|没有|未有|未能|未(?!來|来)|不曾|從未|从未|隻字未|只字未|避而|拒絕|拒绝|無報|无报|保持沉默)"
    r"|[」』》〉”]?(?:在|曾|於|于|早在){0,2}(?:去年|前年|早年|多年前|數年前|数年前|\d+年前|上個月|上个月|上月|過去|过去|曾)"
    r"|[^。，,；\n]{0,24}(?:不同|相反|相左|不一致|矛盾|有別|有别|有出入)[，,。]"
    # Japanese
    r"|[」』》〉)）]?(?:は|が|も|では|の)?、?(?:昨年|去年|一昨年|先月|以前|かつて|過去に|数年前|\d+年前)",
    re.IGNORECASE,
)

_KOREAN_DENIAL = re.compile(
    r"(?:보도|언급|공개|전|밝히|소개|게재|방영|방송|확인|반응|거론|발표|보이|내놓|다루|싣|논평|알리|설명)(?:하|되)?지(?:는|도|를|조차)? ?(?:않|못|아니)"
    r"|(?:보도|언급|반응|논평|입장|발표|설명)(?:[이가은는도을를]|조차)? ?(?:없|내놓지|삼가|자제)|침묵|함구"
    r"|(?:보도|주장|발표|것|내용|바)(?:과|와)(?:는)? ?(?:달리|다르|다른|대조|상반|배치)"
)
_KOREAN_REPORTING = re.compile(
    r"[다라자냐]고 ?(?:\d{1,2}일 )?(?:보도|전했|전하|밝혔|주장|비난|강조|소개|지적|덧붙|말했)"
)
_KOREAN_OBJECT_BEFORE = re.compile(
    r"(?:통일부|정부|국방부|당국|대통령|장관|차관|관계자|국정원|대변인)[은는] (?:[^ .\n]{1,12} ){0,2}[‘'“\"「(]?$"
)
_KOREAN_OBJECT_AFTER = re.compile(r"[’'”\"」)]?[이가] ")
"""A newspaper that a government speaks of is the topic of the sentence, not its source."""

_KOREAN_PAST = re.compile(
    r"[>〉》」』\"”'’]?(?:은|는|이|가|에서?|도)? ?(?:지난해(?! 12월)|작년|재작년|과거|예전|\d+년 전|수년 전|몇 년 전|몇 달 전)"
)

_JAPANESE_DENIAL = re.compile(
    r"(?:報じ|伝え|触れ|言及し|明らかにし|公表し|発表し|取り上げ|認め|報道し|公開し|放送し|掲載し|論評し)(?:て|られて)?(?:は|も)?(?:い|お)?(?:ない|なかった|なく|ません|おらず|らず|ず)"
    r"|(?:報道|発表|言及|論評|反応)(?:は|が|も)(?:ない|なかった|なく|ありません)|沈黙"
    r"|(?:内容|報道|発表|主張|の|もの)と(?:は)?(?:異な|違|対照的|逆|食い違)"
)
_JAPANESE_REPORTING = re.compile(r"と(?:\d{1,2}日)?(?:報じ|伝え|報道|発表|主張|非難|論評|明らか)")


def is_denied(before: str, after: str) -> bool:
    """Returns whether the words around a name say that it is not the source of the article.

    `before` and `after` are what stands beside the name in its sentence, at most `REACH_CHARS`.
    "KCNA did not mention the launch", "unlike KCNA said" and "KCNA said last year" name no source;
    in "KCNA said it did not launch anything", the denial is what KCNA says.
    """
    return (
        bool(_DENIED_BEFORE.search(before))
        or bool(_DENIED_AFTER.match(after))
        or bool(_KOREAN_PAST.match(after))
        or bool(_KOREAN_OBJECT_BEFORE.search(before) and _KOREAN_OBJECT_AFTER.match(after))
        or _denies_at_the_end(after, _KOREAN_DENIAL, _KOREAN_REPORTING)
        or _denies_at_the_end(after, _JAPANESE_DENIAL, _JAPANESE_REPORTING)
    )


def _denies_at_the_end(after: str, denial: re.Pattern[str], reporting: re.Pattern[str]) -> bool:
    """Returns whether a sentence denies that the name reports, and it reports nothing after that.

    Korean and Japanese put the verb last, so a denial before it may be what the source says.
    """
    found = denial.search(after)
    return bool(found) and not reporting.search(after, found.start() if found else 0)
