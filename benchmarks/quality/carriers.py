"""Measures the carrier grades on labelled articles: by grade and language, how many are in a report.

Run from the checkout: `python -m benchmarks.quality.carriers GOLD [GOLD2]`. Each folder has `docs.jsonl`
(id, site, title, text, lang) and `groups.json` (`reports`: name to ids). Articles of the agency
itself are those whose site names KCNA.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dedup.attribution.citation import CarrierGrade, grade_carrier
from dedup.records import Document

RESULT = Path(__file__).parents[1] / "results/carriers.md"
METHOD = """# Carrier grades

Does the grade of an article (`dedup/attribution/citation.py`) tell whether it carries a report? Each cell: articles that are in a
labelled report / articles that are in none. Not every article without a label carries nothing: in the first set only the chosen
reports are labelled, so that an article on another report of the agency counts as in none. The phrases were written while
these sets were looked at, so the figures flatter. `python -m benchmarks.quality.carriers GOLD GOLD2`

| set | language | {grades} | share of EARLY in a report | CPU, ms an article |
|---|---|{rule}|---|---|
"""


def read_documents(folder: Path) -> Iterator[Document]:
    """Yields the articles of a labelled set."""
    with (folder / "docs.jsonl").open(encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            yield Document(
                id=number,
                uid=row["id"],
                title=row["title"] or "",
                text=row["text"] or "",
                language=row["lang"],
                outlet=row["site"],
                rank=0 if "kcna" in row["site"].casefold() else 9,
            )


def measure(folder: Path) -> list[str]:
    """Returns the rows of the table for a labelled set: one a language, and one for all."""
    groups = json.loads((folder / "groups.json").read_text(encoding="utf-8"))["reports"]
    carriers = {uid for uids in groups.values() for uid in uids}
    documents = list(read_documents(folder))
    counts: Counter[tuple[str, CarrierGrade, bool]] = Counter()
    start = time.process_time()
    grades = [grade_carrier(document) for document in documents]
    cost = 1000 * (time.process_time() - start) / len(documents)
    for document, grade in zip(documents, grades, strict=True):
        for language in (document.language, "all"):
            counts[language, grade, document.uid in carriers] += 1
    languages = sorted({language for language, _, _ in counts} - {"all"})
    return [
        _row(folder.name, each, counts, cost if each == "all" else None)
        for each in [*languages, "all"]
    ]


def _row(
    name: str, language: str, counts: Counter[tuple[str, CarrierGrade, bool]], cost: float | None
) -> str:
    cells = [
        f"{counts[language, grade, True]} / {counts[language, grade, False]}"
        for grade in reversed(CarrierGrade)
    ]
    right, wrong = (counts[language, CarrierGrade.EARLY, each] for each in (True, False))
    share = f"{right / (right + wrong):.2f}" if right + wrong else ""
    columns = [name, language, *cells, share, f"{cost:.2f}" if cost else ""]
    return "| " + " | ".join(columns) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures the sets of the command line and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="GOLD")
    folders: list[Path] = parser.parse_args(arguments).folders
    names = [grade.name for grade in reversed(CarrierGrade)]
    head = METHOD.format(grades=" | ".join(names), rule="|".join("---" for _ in names))
    RESULT.write_text(
        head + "\n".join(row for each in folders for row in measure(each)) + "\n", encoding="utf-8"
    )
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
