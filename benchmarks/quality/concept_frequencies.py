"""Counts how many articles name each concept and writes the frequencies into the lexicon.

Usage: python -m benchmarks.quality.concept_frequencies TEXTS...

TEXTS are files of articles on any subject: JSON lines (also .gz) or a JSON list, with `title` or
`headline` and `text` or `story_text`. Only texts that name North Korea are counted. The shares are
counted for each language with enough texts, and averaged. Nothing but the counts is kept.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dedup.lexicon
from dedup.lexicon.concepts import PER_ARTICLES, find_concepts

_MIN_TEXTS = 50
"""A language with fewer texts would move the average by chance."""
_MAX_LETTERS = 1500
"""What follows is mostly background."""
_MAX_AGENCY_TEXTS = 600
"""The agency's own texts would otherwise drown out those of the press in their language."""

_SUBJECT = re.compile(
    r"북한|조선민주주의|朝鲜|朝鮮|北韓|北朝鮮|North Korea|DPRK|Corea del Norte|norcorean|КНДР|Северн\w+ Коре"
)
_LANGUAGES = (
    ("ko", re.compile("[가-힣]{2}")),
    ("ja", re.compile("[ぁ-ゖ]{2}")),
    ("zh", re.compile("[一-鿿]{3}")),
    ("ru", re.compile("[а-яё]{3}")),
    ("es", re.compile(r"\b(?:que|los|del|por)\b")),
    ("en", re.compile(r"\b(?:the|of)\b")),
)


def read_texts(path: Path) -> Iterator[str]:
    """Yields headline and beginning of each article in a file."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = json.loads(raw) if raw.lstrip()[:1] == b"[" else map(json.loads, raw.splitlines())
    for count, row in enumerate(rows):
        title = row.get("title") or row.get("headline") or ""
        body = row.get("text") or row.get("story_text") or ""
        if "story_text" not in row or count < _MAX_AGENCY_TEXTS:
            yield f"{title}\n{body[:_MAX_LETTERS]}"


def detect_language(text: str) -> str:
    """Returns the language whose letters or words the text has most of."""
    counts = {language: len(pattern.findall(text)) for language, pattern in _LANGUAGES}
    return max(counts, key=lambda language: counts[language])


def count_frequencies(paths: list[Path]) -> Counter[str]:
    """Returns the articles of `PER_ARTICLES` that name each concept, averaged over languages."""
    texts: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {}
    for path in paths:
        for text in read_texts(path):
            if _SUBJECT.search(text):
                language = detect_language(text)
                texts[language] += 1
                counts.setdefault(language, Counter()).update(find_concepts(text))
    languages = [language for language, count in texts.items() if count >= _MIN_TEXTS]
    print(*(f"{language} {texts[language]}" for language in languages))
    return Counter(
        {
            key: round(
                PER_ARTICLES
                * sum(counts[language][key] / texts[language] for language in languages)
                / len(languages)
            )
            for key in set().union(*counts.values())
        }
    )


def write_frequencies(lexicon: Path, frequencies: Counter[str]) -> None:
    """Replaces the column of frequencies in the lexicon."""
    lines = []
    for line in lexicon.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, key, _, names = line.split("\t", 3)
            line = f"{kind}\t{key}\t{frequencies[key]}\t{names}"
        lines.append(line + "\n")
    lexicon.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    write_frequencies(
        Path(dedup.lexicon.__file__).with_name("lexicon.tsv"),
        count_frequencies([Path(name) for name in sys.argv[1:]]),
    )
