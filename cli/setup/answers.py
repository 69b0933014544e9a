"""The five questions of `nkwire init`, and what an answer to each sets."""

import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import split

from pydantic import ConfigDict, ValidationError, create_model

from cli.errors import UserError
from cli.options import check_writable
from crawler.chosen import select_outlets
from crawler.config.config import Config
from crawler.config.values import has_address
from dedup.errors import NkwireError

ALL, NONE, FOR_EVER = "all", "none", "for ever"
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `name`: of its option; `hints`: lines that explain the answers.

    `read`: returns the settings that an answer means, and raises UserError.
    """

    name: str
    text: str
    hints: Sequence[str]
    default: str
    read: Callable[[str], Values]

    @property
    def option(self) -> str:
        """The option that answers the question on a command line."""
        return f"--{self.name.replace('_', '-')}"


def read_answers(answers: Mapping[str, str]) -> Values:
    """Returns the settings of all answers, by the names of the questions. Raises UserError."""
    values: Values = {}
    for question in QUESTIONS:
        values |= question.read(answers[question.name])
    return values


def read_contact(answer: str) -> Values:
    """Reads the contact, which has an address; an empty one sets nothing."""
    contact = answer.strip()
    values = _checked("--contact", {"contact": contact} if contact else {})
    if contact and not has_address(contact):
        raise UserError(
            f"--contact {reprlib.repr(contact)}: give a mail address or an http(s) address,"
            " so that outlets can write to you"
        )
    return values


def read_outlets(answer: str) -> Values:
    """Reads which outlets to read; all of them is the default of the setting."""
    words = [word.strip() for word in answer.split(",") if word.strip()]
    if answer.strip() and not words:
        raise UserError("--outlets: there is no name between the commas")
    try:
        select_outlets(words, where="--outlets: ")
    except NkwireError as error:
        raise UserError(str(error)) from None
    return {} if not words or ALL in map(str.lower, words) else {"outlets": words}


def read_home(answer: str) -> Values:
    """Reads the home folder, which must be writable."""
    _checked("--home", {"home": answer})
    try:
        home = Path(answer.strip()).expanduser()
    except RuntimeError:  # `~NAME` without such a user
        raise UserError(f"--home {reprlib.repr(answer)}: this user has no home folder") from None
    check_writable(home)
    return _checked("--home", {"home": str(home)})


def read_alerts(answer: str) -> Values:
    """Reads how alerts come: a mail address, an http(s) address or a command."""
    answer = answer.strip()
    if answer.lower() in ("", NONE):
        return {}
    if answer.lower().startswith(("http://", "https://")):
        return _checked("--alerts", {"alert_webhook": answer})
    addresses = [each.strip() for each in answer.split(",") if each.strip()]
    if addresses and all("@" in each and " " not in each for each in addresses):
        return _checked("--alerts", {"alert_mail": addresses})
    try:
        command = split(answer)
    except ValueError:
        raise UserError("--alerts: quotation marks come in pairs") from None
    if not command[0]:
        raise UserError("--alerts: the program of the command has no name")
    return _checked("--alerts", {"alert_command": command})


def read_recordings(answer: str) -> Values:
    """Reads after how many days recordings are deleted."""
    if answer.lower().replace(" ", "").replace("-", "") in ("", "forever"):
        return {}
    days = answer.lower().removesuffix("days").removesuffix("day").strip()
    if not (days.isascii() and days.isdigit()):
        raise UserError(f"--keep-recordings {answer!r}: give a number of days, or '{FOR_EVER}'")
    return _checked("--keep-recordings", {"keep_warc_days": int(days[:9])})


QUESTIONS = (
    Question(
        "contact",
        "Your mail address or web page",
        (
            "Outlets see it in the user agent, so that they can write to you.",
            "Press Enter to leave it out.",
        ),
        "",
        read_contact,
    ),
    Question(
        "outlets",
        "Which outlets",
        (
            "all, state-media, korean, wires, language:ko, or names such as kcna,yonhap.",
            "`nkwire outlets` lists them.",
        ),
        ALL,
        read_outlets,
    ),
    Question(
        "home",
        "Folder for the database and the recordings",
        ("It is made if it does not exist. A page takes about 50 KB.",),
        "data",
        read_home,
    ),
    Question(
        "alerts",
        "How alerts come, if an outlet breaks",
        ("A mail address, an http(s) address that gets JSON, a command, or none.",),
        NONE,
        read_alerts,
    ),
    Question(
        "keep_recordings",
        "How long to keep recordings of pages",
        ("A number of days, or 'for ever'. Articles and versions stay in any case.",),
        FOR_EVER,
        read_recordings,
    ),
)


def _checked(option: str, values: Values) -> Values:
    """Returns the values if the settings take them. Raises UserError with what is allowed."""
    for name, value in values.items():
        words = value if isinstance(value, list) else [value]
        if not all(str(word).isprintable() for word in words):
            raise UserError(f"{option}: it must be one line of text that can be printed")
        field = Config.model_fields[name]
        model = create_model(
            "Answer",
            __config__=ConfigDict(str_strip_whitespace=True),
            **{name: (field.annotation, field)},  # type: ignore[call-overload]
        )
        try:
            model(**{name: value})
        except ValidationError:
            extra = field.json_schema_extra
            must_be = extra["must_be"] if isinstance(extra, dict) else ""
            raise UserError(f"{option}: it must be {must_be}") from None
    return values
