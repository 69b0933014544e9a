"""The compiled kernel gives what NumPy gives, bit for bit; without it everything works."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.records import Features
from dedup.signature import features
from dedup.signature.features import compiled_features, numpy_features
from dedup.signature.scheme import Scheme
from dedup.text import kernel_loader, normalise
from dedup.text import substring_matcher as hints
from dedup.text.normalise import Script, fold_words, fold_words_compiled

pytest.importorskip("numba", reason="the extra `fast` is not installed")
from dedup.text import kernel

SCHEME = Scheme(seed=11)
ALPHABETS = st.sampled_from(
    "abcdefgKimJongUnSU 1234567890,.,. 다니습겁는한밝했것이 北京東 Пхен йё éñßﬁ½ＡＢ１２\u0301\u3099ᄀ"
    "\n\t-–(){}[]'\U0001d400\U0001f600\ud800\0"
)
MIXED = st.lists(st.text(ALPHABETS, min_size=1, max_size=12), max_size=120).map(" ".join)
ANYTHING = st.text(max_size=600)


@pytest.fixture(autouse=True)
def _use_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_kernel() -> ModuleType:
        return kernel

    for user in (features, hints, normalise):
        monkeypatch.setattr(user, "load_kernel", load_kernel)


def same(one: Features, two: Features) -> bool:
    return (
        (one.scheme, one.text_hash, one.shingles) == (two.scheme, two.text_hash, two.shingles)
        and np.array_equal(one.signature, two.signature)
        and np.array_equal(one.bands, two.bands)
        and np.array_equal(one.fingerprints, two.fingerprints)
        and [each.dtype for each in (one.signature, one.bands, one.fingerprints)]
        == [each.dtype for each in (two.signature, two.bands, two.fingerprints)]
    )


@pytest.mark.parametrize("script", Script)
@given(text=MIXED | ANYTHING)
@settings(max_examples=150)
def test_machine_code_cuts_the_words_that_numpy_cuts(script: Script, text: str) -> None:
    plain, quick = fold_words(text, script), fold_words_compiled(text, script)
    if quick is None:
        return  # left to NumPy for a rare character
    assert plain.letters.tobytes() == quick.letters.tobytes()
    assert plain.offsets.tolist() == quick.offsets.tolist()
    assert plain.word_starts.tolist() == quick.word_starts.tolist()


@pytest.mark.parametrize("script", Script)
@given(text=MIXED | ANYTHING)
@settings(max_examples=150)
def test_machine_code_signs_as_numpy_signs(script: Script, text: str) -> None:
    normal = fold_words(text, script)
    quick = compiled_features(normal, SCHEME)
    assert quick is not None
    assert same(numpy_features(normal, SCHEME), quick)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("1,200 and 12,000,000 but 1,2 and 3,4567 ", Script.WORDS),
        ("the U.S. and U.N.C. or A.I. but e.g. and x.Y ", Script.WORDS),
        ("visited by Kim Jong Unyesterday and theKim Il Sungsquare ", Script.WORDS),
        ("밝혔다 밝혔습니다 한다 합니다 것이다 겁니다 습니다 니다 다 있는다 ", Script.SYLLABLES),
    ],
    ids=["numbers", "initials", "leaders", "endings"],
)
def test_every_rule_of_a_word_is_in_machine_code_too(text: str, script: Script) -> None:
    plain, quick = fold_words(text * 20, script), fold_words_compiled(text * 20, script)
    assert quick is not None
    assert quick.comparison_key == plain.comparison_key
    assert quick.offsets.tolist() == plain.offsets.tolist()


@given(text=ANYTHING, sought=st.lists(st.text(ALPHABETS, min_size=1, max_size=6), max_size=8))
@settings(max_examples=100)
def test_hints_are_those_that_the_text_holds(text: str, sought: list[str]) -> None:
    text = "".join([text, *sought[::2]])
    assert hints.SubstringMatcher.from_strings(sought).find_in(text) == {
        each for each in sought if each in text
    }


def test_a_process_chooses_when_the_kernel_is_loaded() -> None:
    try:
        kernel_loader.use_kernel("0")
        assert kernel_loader.load_kernel() is None
        kernel_loader.use_kernel("1")
        assert kernel_loader.load_kernel() is kernel
    finally:
        kernel_loader.use_kernel("auto")


def test_with_a_broken_numba_the_same_signatures_are_made(tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise ImportError('planned')")
    said = (
        "from dedup.text.kernel_loader import use_kernel\n"
        "use_kernel('1')\n"
        "from dedup.signature.features import compute_features\n"
        "from dedup.records import Document\n"
        "from dedup.signature.scheme import Scheme\n"
        "found = compute_features(Document(1, 'x', '', ' '.join(map(str, range(90)))), Scheme(seed=11))\n"
        "print(found.bands.tobytes().hex())"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", said],
        cwd=Path(__file__).parents[3],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    normal = fold_words(" ".join(map(str, range(90))), Script.WORDS)
    assert ran.stdout.strip() == numpy_features(normal, SCHEME).bands.tobytes().hex()
    assert "NumPy alone" in ran.stderr
