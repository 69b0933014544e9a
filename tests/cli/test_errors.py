import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nkwire as entry


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("craw",), "No such command 'craw'. Did you mean 'crawl'?"),
        (("stories", "--colour"), "No such option: --colour"),
        (("search", "kiln", "-drill"), "`nkwire search -- -drill`"),
        (("crawl",), "Missing argument 'OUTLET...'"),
        (("crawl", "kcan"), "no outlet 'kcan': did you mean kcna"),
        (("crawl", "xyzzy"), "no outlet 'xyzzy': see `nkwire outlets`"),
        (("crawl", "kcna", "--since", "2025-9-1"), "--since '2025-9-1' is not a day"),
        (("crawl", "kcna", "--limit", "0"), "Invalid value for '--limit'"),
        (("status", "--database", "nonsense"), "or postgresql://HOST/NAME"),
        (("status", "--database", "mysql://localhost/x"), "mysql"),
        (("ingest", "nowhere.warc.gz"), "nowhere.warc.gz: no such file"),
        (("extract",), "give either FILE with --url, or --manifest"),
        (("cluster", "nowhere.jsonl"), "nowhere.jsonl: no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_users_errors_are_one_line(
    arguments: tuple[str, ...], told: str, nkwire: Callable[..., Any]
) -> None:
    said = nkwire(*arguments)
    assert (said.code, said.out) == (2, "")
    lines = [line for line in said.err.splitlines() if line.startswith("nkwire: ")]
    assert len(lines) == 1
    assert told in lines[0]


def test_a_seed_that_is_no_number_is_the_users_error(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NKWIRE_DEDUP_SEED", "lucky")
    said = nkwire("import", write("a.jsonl", {"url": "https://a.example/1", "title": "T"}))
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "NKWIRE_DEDUP_SEED must be a whole number" in said.err


def test_a_fixed_seed_makes_the_same_database(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from storage import open_database

    monkeypatch.setenv("NKWIRE_DEDUP_SEED", "7")
    file = write("articles.jsonl", *articles)
    seeds = []
    for name in ("one", "two"):
        url = f"sqlite:///{name}.db"
        assert nkwire("import", file, "--database", url).code == 0
        database = open_database(url)
        seeds.append(database.scheme.seed)
        database.close()
    assert seeds == [7, 7]


def test_an_unreachable_database_has_an_exit_code_of_its_own(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.options.DATABASE_WAIT_SECONDS", 0.1)
    said = nkwire("status", "--database", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert "secret" not in said.err


def test_the_place_of_the_database_can_be_set_three_ways(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = write("articles.jsonl", *articles)
    nkwire("import", file)
    monkeypatch.setenv("NKWIRE_HOME", "home")
    nkwire("import", file)
    monkeypatch.setenv("NKWIRE_DATABASE_URL", "sqlite:///by-environment.db")
    nkwire("import", file)
    nkwire("import", file, "--database", "sqlite:///by-option.db")
    found = {str(path.relative_to(an_empty_folder)) for path in an_empty_folder.rglob("*.db")}
    assert found == {"data/nkwire.db", "home/nkwire.db", "by-environment.db", "by-option.db"}


def test_a_reader_that_goes_away_is_no_error(
    program: list[str], corpus: list[dict[str, Any]]
) -> None:
    command = " ".join([*program, "outlets", "--json"])
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1 >/dev/null"],
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [("export", "-"), ("status",)], ids=lambda a: a[0])
def test_output_that_finds_no_room_is_told_in_one_line(
    arguments: tuple[str, ...], program: list[str], corpus: list[dict[str, Any]]
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*program, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (4, "nkwire: no room: No space left on device\n")


def test_a_module_of_the_same_name_is_named(tmp_path: Path) -> None:
    home = Path(entry.__file__).parent
    (tmp_path / "scheduler.py").touch()
    assert entry.shadowing_error_message([str(home)], home, {}) == ""
    found = entry.shadowing_error_message([str(tmp_path), str(home)], home, {})
    assert found.startswith(f"'scheduler' comes from {tmp_path / 'scheduler.py'}")


def test_the_command_refuses_to_run_with_foreign_modules(
    program: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").touch()
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(Path(program[1]).parent)!r}]"
    done = subprocess.run(
        [program[0], "-c", f"{code}; import nkwire; nkwire.main()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nkwire: 'storage' comes from")
    assert done.stderr.count("\n") == 1
