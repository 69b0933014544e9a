"""Texts that are made to cost much: each has a bound in time and memory. Answers D3."""

import resource
import subprocess
import sys

import pytest

MAX_CPU_SECONDS = 6
MAX_MEGABYTES = 1_500

PAGE = """
import sys
from dedup.attribution.citation import grade_carrier
from dedup.copies.compare import compare_documents
from dedup.records import Document
from dedup.reports.cues import extract_cues
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
text = eval(sys.argv[1], {})
first, second = (Document(i, str(i), text[:300], text + end, outlet=str(i)) for i, end in ((1, ""), (2, " end")))
for each in (first, second):
    compute_features(each, Scheme(seed=7))
compare_documents(first, second)
extract_cues(first, grade_carrier(first))
"""

TEXTS = {
    "one character that is eighteen": r"'\ufdfa' * 700_000",
    "eighteen among words": r"'\ufdfa word ' * 300_000",
    "zalgo": r"('word' + '\u0301\u0316\u0334' * 300 + ' ') * 2_000",
    "one mark after another": r"'a' + '\u0301' * 1_000_000",
    "marks in the wrong order": r"'a' + '\u0315\u0300\u05ae\u0327' * 250_000",
    "one word": "'a' * 10_000_000",
    "a million words of one letter": "'a b ' * 500_000",
    "one sentence again and again": "'The lamp of the tower was lit on Tuesday. ' * 100_000",
    "one clause of characters": r"'\u4e2d\u56fd' * 1_000_000",
    "jamo that do not compose": r"'\u1100\u1161\u11a8' * 700_000",
    "nothing to be seen": r"'\u200b\u202e\U000e0041' * 500_000",
    "brackets": "'[(' * 500_000",
    "quotes": r"'\u201c' * 1_000_000",
    "line ends": r"'\n\r\u2028' * 700_000",
}


@pytest.mark.slow
@pytest.mark.threats("D3", "S9")
@pytest.mark.parametrize("name", TEXTS)
def test_no_text_costs_more_than_its_share(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    limit = MAX_MEGABYTES * 2**20
    subprocess.run(
        [sys.executable, "-c", PAGE, TEXTS[name]],
        check=True,
        timeout=600,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 * limit, 2 * limit)),
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < MAX_CPU_SECONDS
    assert after.ru_maxrss / 1024 < MAX_MEGABYTES
