from dataclasses import replace

import pytest

from storage.errors import InvalidRequest
from web.options import WebOptions, check_options, sign_in_url

OPTIONS = WebOptions(database_url="sqlite:///none.db")
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bind": "::1", "port": 0},
        {"bind": "0.0.0.0", "token": TOKEN},
        {"bind": "0.0.0.0", "behind_proxy": "172.18.0.0/16"},
        {"behind_proxy": "::1", "hosts": ("desk.example", "Desk.Example:8443", "[fd00::1]:80")},
    ],
)
def test_what_is_safe_is_accepted(changes: dict[str, object]) -> None:
    check_options(replace(OPTIONS, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bind": "0.0.0.0"}, "other machines can reach 0.0.0.0: set NKWIRE_WEB_TOKEN"),
        ({"bind": "::"}, "--behind-proxy"),
        ({"bind": ""}, "other machines can reach all addresses"),
        ({"bind": "desk.example"}, "other machines can reach desk.example"),
        ({"bind": "0.0.0.0", "token": "short"}, "has 5 characters, and needs 32"),
        ({"token": f"{TOKEN} x"}, "spaces"),
        ({"token": f"{TOKEN}é"}, "printable ASCII"),
        ({"port": -1}, "a port goes from 0 to 65535, not -1"),
        ({"port": 65_536}, "not 65536"),
        ({"hosts": ("*",)}, "'*' is not a host name"),
        ({"hosts": ("http://desk.example",)}, "is not a host name"),
        ({"hosts": ("desk.example:99999",)}, "is not a host name"),
        ({"hosts": ("a b",)}, "is not a host name"),
        ({"hosts": ("desk.example/",)}, "is not a host name"),
        ({"behind_proxy": "proxy.example"}, "is not the address of a proxy"),
    ],
)
def test_what_is_not_safe_is_refused_with_what_to_do(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        check_options(replace(OPTIONS, **changes))  # type: ignore[arg-type]
    assert words in str(raised.value)


def test_the_code_is_another_for_each_start_and_no_browser_sends_it() -> None:
    first, second = replace(OPTIONS), WebOptions(database_url="sqlite:///none.db")
    assert first.sign_in_code != second.sign_in_code
    assert len(first.sign_in_code) >= 32
    address, _, fragment = sign_in_url(first, "http://127.0.0.1:8450/").partition("#")
    assert (address, fragment) == ("http://127.0.0.1:8450/sign-in", first.sign_in_code)


@pytest.mark.threats("S13")
def test_secrets_are_not_printed_with_the_options() -> None:
    options = replace(OPTIONS, token=TOKEN)
    assert TOKEN not in repr(options)
    assert options.sign_in_code not in repr(options)
