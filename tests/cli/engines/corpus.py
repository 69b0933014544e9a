"""An invented corpus where caps, floods, frames, decisions and reports meet."""

import csv
import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

_SYLLABLES = ("ka", "lo", "mi", "ren", "tas", "ul", "vor", "shen", "pid", "gra", "nol", "ber")
_OUTLETS = ("lantern", "harbour", "orchard", "saddle")


def make_rows(seed: int = 3) -> list[dict[str, Any]]:
    """About 260 articles, in no order."""
    chance = Random(seed)
    words = sorted(
        {"".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 3)))) for _ in range(900)}
    )

    def prose(count: int) -> str:
        sentences = (" ".join(chance.choices(words, k=12)).capitalize() for _ in range(count // 12))
        return ". ".join(sentences) + "."

    texts: list[tuple[str, str, str]] = []  # outlet, title, text
    story = prose(260)
    texts += [(chance.choice(_OUTLETS), "Same words", story) for _ in range(13)]
    texts += [(chance.choice(_OUTLETS), "Cut", story[: 300 + 90 * cut]) for cut in range(9)]
    texts += [(chance.choice(_OUTLETS), "Longer", f"{story} {prose(40)}") for _ in range(8)]
    body = prose(170)
    texts += [(chance.choice(_OUTLETS), "Flood", f"{body} {prose(12)}") for _ in range(106)]
    texts += [(chance.choice(_OUTLETS), "Flood", texts[-3][2]) for _ in range(11)]
    frame = prose(96)
    texts += [("framed", prose(12), f"{prose(72)} {frame}") for _ in range(12)]
    texts += [("framed", prose(12), f"{frame} {prose(60)}") for _ in range(6)]
    texts += [(chance.choice(_OUTLETS), prose(12), prose(120)) for _ in range(40)]
    texts += [("harbour", "Brief", "Too short a text."), ("harbour", "Also brief", "Another.")]
    news = [prose(150) for _ in range(4)]
    for number, told in enumerate(news * 4):
        lead = f"PYONGYANG, July {1 + number} (KCNA) -- The Korean Central News Agency said that"
        texts.append(
            (_OUTLETS[number % 4], f"North Korea says {told[:40]}", f"{lead} {told} {prose(24)}")
        )
    chance.shuffle(texts)
    return [
        {
            "id": f"text-{number:03}",
            "url": f"https://{outlet}.example/{number}",
            "outlet": outlet,
            "title": title,
            "text": text,
            "language": "en",
            "published_at": f"2026-{chance.choice((3, 7)):02}-{chance.randrange(1, 7):02}T08:00:00Z"
            if number % 9
            else None,
        }
        for number, (outlet, title, text) in enumerate(texts)
    ]


def write_parts(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the articles as a packed and a plain file and a table in a folder below.

    Among them are a line that is no article, an id that is given twice, and no web address.
    """
    (folder / "more").mkdir(parents=True)
    third = len(rows) // 3
    lines = [json.dumps(row) for row in rows]
    odd = [
        json.dumps(rows[0]),
        "{",
        json.dumps(rows[1] | {"id": "far", "url": "ftp://far.example/1"}),
    ]
    packed = gzip.compress("\n".join(lines[:third]).encode())
    (folder / "part-0.jsonl.gz").write_bytes(packed)
    (folder / "part-1.jsonl").write_text("\n".join([*odd, *lines[third : 2 * third]]) + "\n")
    with (folder / "more/part-2.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows[2 * third :])
    (folder / "_SUCCESS").touch()
    (folder / "notes.md").touch()


def write_decisions(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes decisions that part equal texts, join strangers, and name an article that is not there."""
    same = [row["id"] for row in rows if row["title"] == "Same words"]
    framed = [row["id"] for row in rows if row["outlet"] == "framed"]
    decided = [
        (same[0], same[4], "cannot-link"),
        (same[9], same[2], "cannot-link"),
        (framed[0], same[1], "must-link"),
        (framed[1], framed[2], "must-link"),
        ("nobody", framed[2], "must-link"),
    ]
    rows_of = [{"a": a, "b": b, "verb": verb} for a, b, verb in decided]
    path.write_text("\n".join(map(json.dumps, rows_of)) + "\n")
