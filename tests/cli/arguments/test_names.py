from collections.abc import Callable
from pathlib import Path

import pytest

from cli.arguments.names import (
    check_outlet_names,
    find_language,
    find_outlet,
    find_outlets,
)
from cli.errors import UserError
from storage import Database, open_database
from storage.records import Article
from tests.cli.conftest import Command

WITH_OUTLET = (
    ("export", "-"),
    ("search", "kiln"),
    ("stories",),
    ("changes",),
    ("gaps",),
    ("runs",),
    ("alerts", "list"),
    ("verify",),
    ("reextract", "--dry-run"),
    ("snapshot", "create", "one"),
)
WITH_LANGUAGE = (("export", "-"), ("search", "kiln"), ("stories",), ("snapshot", "create", "one"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('names') / 'nkwire.db'}")
    saved = (("agency", "ko"), ("The Herald", "en"), ("the_herald", "ja"), ("Radio", "xx"))
    opened.save(
        [
            Article(outlet=name, url=f"https://{n}.example/", title="A", text="B", language=code)
            for n, (name, code) in enumerate(saved)
        ]
    )
    return opened


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("arguments", WITH_OUTLET, ids=lambda arguments: arguments[0])
def test_an_unknown_outlet_is_refused_with_the_name_that_was_meant(
    nkwire: Command, arguments: tuple[str, ...]
) -> None:
    said = nkwire(*arguments, "--outlet", "knca")
    assert (said.code, said.out) == (2, "")
    assert said.err == "nkwire: no outlet 'knca': did you mean kcna?\n"


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("arguments", WITH_OUTLET, ids=lambda arguments: arguments[0])
def test_declared_and_imported_outlets_are_known_in_any_case_and_several_at_once(
    nkwire: Command, arguments: tuple[str, ...]
) -> None:
    said = nkwire(*arguments, "--outlet", "KCNA", "--outlet", " Herald ")
    assert said.code == 0, said.err
    assert "no outlet" not in said.err


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("arguments", WITH_LANGUAGE, ids=lambda arguments: arguments[0])
def test_a_language_that_nothing_is_in_is_refused_with_the_code_that_was_meant(
    nkwire: Command, arguments: tuple[str, ...]
) -> None:
    said = nkwire(*arguments, "--language", "kr")
    assert (said.code, said.out) == (2, "")
    assert said.err == "nkwire: no article in 'kr': did you mean ko?\n"
    assert nkwire(*arguments, "--language", "EN").code == 0


@pytest.mark.usefixtures("corpus")
def test_several_outlets_select_the_articles_of_all_of_them(nkwire: Command) -> None:
    def outlets(*names: str) -> list[str]:
        options = [option for name in names for option in ("--outlet", name)]
        return [row["outlet"] for row in nkwire("export", "-", *options).rows]

    assert outlets("agency") == ["agency"]
    assert outlets("herald", "agency") == ["agency", "herald", "herald"]
    assert outlets("agency,herald") == ["agency", "herald", "herald"]
    assert outlets("kcna") == []
    both = ("--outlet", "herald", "--outlet", "agency")
    assert nkwire("snapshot", "create", "both", "--out", "both", *both).out.startswith("3 articles")
    assert "Filters: outlet = agency or herald." in Path("both/README.md").read_text()
    assert nkwire("snapshot", "verify", "both").code == 0


@pytest.mark.usefixtures("corpus")
def test_a_setting_is_stored_for_no_unknown_outlet(nkwire: Command) -> None:
    for arguments in (("--ages", "1h"), ("--off",), ()):
        said = nkwire("revisits", "knca", *arguments)
        assert (said.code, said.out) == (2, "")
        assert "did you mean kcna?" in said.err
    said = nkwire("ccnews", __file__, "--outlet", "knca")
    assert (said.code, said.err) == (2, "nkwire: no outlet 'knca': did you mean kcna?\n")


def test_a_name_that_two_outlets_may_have_must_be_exact(database: Database) -> None:
    assert find_outlets(database, "The Herald") == "The Herald"
    with pytest.raises(UserError, match=r"did you mean The Herald or the_herald"):
        find_outlets(database, "THE HERALD")
    assert find_outlets(database, ["RADIO", "Agency"]) == ["Radio", "agency"]
    with pytest.raises(UserError, match=r"names 2 outlets: give one"):
        find_outlet(database, "Radio,agency")
    for nothing in (None, "", [], [""]):
        assert find_outlets(database, nothing) is None


def test_an_outlet_of_the_database_goes_before_a_declared_one_of_other_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_database(f"sqlite:///{tmp_path / 'nkwire.db'}") as opened:
        opened.save(
            [
                Article(outlet=name, url=f"https://{n}.example/", title="A", text="B")
                for n, name in enumerate(("KBS", "CNN (Web News)"))
            ]
        )
        assert find_outlets(opened, "kbs") == "KBS"
        assert find_outlets(opened, ["kbs", "kcna"]) == ["KBS", "kcna"]
        assert find_outlet(opened, "kbs") == "kbs"  # a setting is for what is crawled
        assert capsys.readouterr().err == ""
        assert find_outlets(opened, "cnn") == "cnn"
        assert "no articles of cnn: did you mean CNN (Web News)?" in capsys.readouterr().err
        with pytest.raises(UserError, match=r"did you mean CNN \(Web News\)"):
            find_outlets(opened, "CNN Web News")


def test_what_is_like_no_name_points_to_the_lists(database: Database) -> None:
    with pytest.raises(UserError, match=r"'xyzzy': see `nkwire outlets` and `nkwire status`$"):
        find_outlets(database, "xyzzy")
    with pytest.raises(UserError, match=r"'xyzzy': see `nkwire outlets`$"):
        check_outlet_names(["xyzzy"])


def test_a_language_is_known_if_an_article_or_an_outlet_has_it(
    database: Database, tmp_path: Path
) -> None:
    assert database.articles.languages() == ["en", "ja", "ko", "xx"]
    for code, found in (("xx", "xx"), ("KO", "ko"), ("zh", "zh"), ("", None)):
        assert find_language(database, code) == found
    for code, meant in (("Korean", "ko"), ("en-GB", "en"), ("jp", "ja")):
        with pytest.raises(UserError, match=f"did you mean {meant}"):
            find_language(database, code)
    with pytest.raises(UserError, match=r"there are articles in en, ja, ko, xx$"):
        find_language(database, "qq")
    with (
        open_database(f"sqlite:///{tmp_path / 'empty.db'}") as empty,
        pytest.raises(UserError, match=r"there are no articles yet$"),
    ):
        find_language(empty, "qq")


@pytest.fixture
def numbered(nkwire: Command, write: Callable[..., Path]) -> None:
    """Articles whose imported ids are numbers: 3 to 1 in that order, and one large number."""
    rows = [
        {
            "id": imported,
            "url": f"https://agency.example/{imported}",
            "outlet": "agency",
            "title": f"Imported as {imported}",
            "text": f"{imported} " * 60,
        }
        for imported in ("3", "2", "1", "1234567")
    ]
    assert nkwire("import", write("numbered.jsonl", *rows)).code == 0


@pytest.mark.usefixtures("numbered")
def test_a_number_is_ours_first_and_else_an_imported_id(nkwire: Command) -> None:
    def shown(name: str) -> tuple[str, str]:
        said = nkwire("show", name, "--json")
        return said.json["title"], said.err.rstrip()

    assert shown("1") == (
        "Imported as 3",
        "1 is our number of this article; article 3 was imported with this id: ext:1",
    )
    assert shown("2") == ("Imported as 2", "")
    assert shown("ext:1") == ("Imported as 1", "")
    assert shown("1234567") == (
        "Imported as 1234567",
        "no article has our number 1234567: article 4 has it as imported id or key",
    )
    assert shown("ext:1234567") == shown(" ext:1234567 ") == ("Imported as 1234567", "")


@pytest.mark.usefixtures("numbered")
def test_every_command_with_an_article_takes_an_imported_id(nkwire: Command) -> None:
    assert nkwire("explain", "1234567", "ext:1", "--json").code == 0
    assert nkwire("merge", "ext:1", "1234567").out.startswith("3 and 4 are in s")
    assert nkwire("split", "ext:1", "--from", "ext:1234567").out.startswith("3 is in s")
    said = nkwire("diff", "1234567")
    assert (said.code, said.err.splitlines()[-1]) == (
        2,
        "nkwire: article 4 has one version only: nothing was changed",
    )
    for name, line in (
        ("ext:9", "no article was imported with the id '9'"),
        ("ext:", "no article was imported with the id ''"),
        ("99", "no article has the id 99"),
        ("9" * 30, f"no article '{'9' * 30}'"),
        ("", "no article ''"),
    ):
        for arguments in (("show", name), ("explain", "1", name), ("diff", name), ("split", name)):
            said = nkwire(*arguments)
            assert (said.code, said.err.splitlines()[-1]) == (2, f"nkwire: {line}")
