import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.statements.statement_level import StatementLevel, find_statement_level

GOVERNMENT = StatementLevel.GOVERNMENT
MINISTRY = StatementLevel.FOREIGN_MINISTRY
SPOKESPERSON = StatementLevel.SPOKESPERSON
OFFICIAL = StatementLevel.OFFICIAL
DEPARTMENT = StatementLevel.DEPARTMENT
Q_AND_A = StatementLevel.Q_AND_A
COMMENTARY = StatementLevel.COMMENTARY
UNKNOWN = StatementLevel.UNKNOWN

ENGLISH = [
    (GOVERNMENT, "DPRK Government Statement", ""),
    (
        GOVERNMENT,
        "Statement of DPRK Government",
        (
            "Pyongyang, May 6 (KCNA) -- The government of the Democratic People's Republic of Korea"
            " issued the following statement on Wednesday:"
        ),
    ),
    (MINISTRY, "Statement of DPRK Foreign Ministry", ""),
    (
        MINISTRY,
        "N. Korea decries lamp tax",
        (
            "SEOUL, May 6 (Yonhap) -- North Korea's foreign ministry said in a statement on Wednesday"
            " that the tax on lamps is an insult."
        ),
    ),
    (SPOKESPERSON, "Press Statement of Spokesperson for DPRK Foreign Ministry", ""),
    (
        SPOKESPERSON,
        "DPRK Foreign Ministry Issues Press Statement",
        (
            "Pyongyang, May 6 (KCNA) -- A spokesman for the Foreign Ministry of the DPRK issued the"
            " following press statement on Wednesday:"
        ),
    ),
    (
        SPOKESPERSON,
        "North Korea says lamps are a red line",
        "A spokesperson for North Korea's defense ministry said the lamps would be answered.",
    ),
    (
        SPOKESPERSON,
        "",
        (
            "Pyongyang, May 6 (KCNA) -- A spokesman for the Korea Lamp Association released the"
            " following press statement on Wednesday:"
        ),
    ),
    (OFFICIAL, "Press Statement of Kim Yo Jong, Vice Department Director of C.C., WPK", ""),
    (OFFICIAL, "Press Statement by Chief of External Policy Office of DPRK Foreign Ministry", ""),
    (
        OFFICIAL,
        "",
        (
            "Pyongyang, May 6 (KCNA) -- Hong Kil Tong, director general of the Department of U.S."
            " Affairs of the Foreign Ministry of the DPRK, issued the following press statement:"
        ),
    ),
    (
        OFFICIAL,
        "Kim's sister rejects lamp talks",
        (
            "Kim Yo-jong, the powerful sister of North Korea's leader, said the South's offer was a"
            " joke, in a statement carried by state media."
        ),
    ),
    (
        OFFICIAL,
        "North Korea rejects lamp talks",
        (
            "In a statement carried by KCNA on Wednesday, defence minister Hong Kil Tong of North"
            " Korea said lamps were near."
        ),
    ),
    (DEPARTMENT, "Press Statement of Institute for American Studies of DPRK Foreign Ministry", ""),
    (DEPARTMENT, "Statement of DPRK Ministry of National Defence", ""),
    (
        DEPARTMENT,
        "Crucial notice",
        (
            "Pyongyang, May 6 (KCNA) -- The General Staff of the Korean People's Army issued the"
            " following statement on Wednesday:"
        ),
    ),
    (
        Q_AND_A,
        "Spokesperson for DPRK Foreign Ministry Rebukes Lamp Tax",
        (
            "Pyongyang, May 6 (KCNA) -- A spokesperson for the Foreign Ministry of the DPRK gave the"
            " following answer to a question raised by KCNA on Wednesday:"
        ),
    ),
    (Q_AND_A, "DPRK Foreign Ministry Spokesman Gives Answer to Question", ""),
    (COMMENTARY, "KCNA Commentary on Lamp Tax", ""),
    (COMMENTARY, "Lamp Tax Is Robbery: KCNA Commentary", ""),
    (
        COMMENTARY,
        "Paper lauds lamps",
        "The Rodong Sinmun, the North's main newspaper, said in an editorial that lamps matter.",
    ),
    (
        COMMENTARY,
        "On the lamp tax",
        (
            "Pyongyang, May 6 (KCNA) -- Hong Kil Tong, an international affairs analyst, issued the"
            " following article titled"
        ),
    ),
    # Others speak
    (
        UNKNOWN,
        "Seoul voices regret over lamps",
        (
            "A spokesperson for South Korea's foreign ministry said in a statement that North Korea"
            " must stop building lamps."
        ),
    ),
    (
        UNKNOWN,
        "Allies hold talks on lamps",
        "US State Department spokesperson Jane Doe said North Korea's lamps were a threat.",
    ),
    (
        UNKNOWN,
        "Talks",
        (
            "Pyongyang, May 6 (KCNA) -- The spokesperson for the Russian Foreign Ministry said in a"
            " statement that lamps are good."
        ),
    ),
    (
        UNKNOWN,
        "Talks",
        (
            "A Chinese Foreign Ministry spokesperson, asked about North Korea, answered a question on"
            " lamps."
        ),
    ),
    (UNKNOWN, "U.S. dismisses statement by Kim Yo-jong", ""),
    (UNKNOWN, "Seoul regrets statement by Kim Yo-jong", "The ministry spoke."),
    (
        UNKNOWN,
        "Markets calm",
        (
            "Stocks rose on Wednesday in response to the statement by North Korea's foreign ministry"
            " on lamps."
        ),
    ),
    (UNKNOWN, "Joint statement of North Korea and Russia on lamps", ""),
    # None, or long ago
    (UNKNOWN, "Lamp opened", "Pyongyang, May 6 (KCNA) -- The lamp was opened."),
    (
        UNKNOWN,
        "Lamp opened",
        "North Korea opened a lamp on Wednesday, and people came to look at it from everywhere."
        + " It is bright." * 20
        + "\nLast year its foreign ministry said in a statement that the lamp was near.",
    ),
    (
        UNKNOWN,
        "Lamp opened",
        (
            "North Korea opened the lamp that its foreign ministry announced in last year's statement"
            " on lamps."
        ),
    ),
    (UNKNOWN, "Review", "The South's paper said in an editorial that North Korea is far."),
    (UNKNOWN, "", ""),
    (UNKNOWN, "Statements", "The two sides issued statements."),
    # Several levels
    (
        UNKNOWN,
        "Statement of DPRK Government; KCNA Commentary on lamps",
        "",
    ),
]

REPORTED = [
    (
        OFFICIAL,
        "N. Korea's Kim Yo-jong slams lamps",
        (
            "SEOUL, May 6 (Yonhap) -- Kim Yo-jong, the powerful sister of North Korean leader Kim"
            " Jong-un, on Thursday denied that lamps were removed.\nIn a statement carried by the"
            " North's official Korean Central News Agency, Kim said that was untrue."
        ),
    ),
    (
        OFFICIAL,
        "N Korea envoy slams lamp council",
        (
            "North Korea's ambassador to the United Nations said in a statement carried by state"
            " media that the lamp council was biased."
        ),
    ),
    (
        DEPARTMENT,
        "North Korea's military vows response",
        "The General Staff of North Korea's army said in a statement that it would respond.",
    ),
    (
        MINISTRY,
        "North Korea denounces lamp tax",
        (
            "North Korea's Foreign Ministry on Friday denounced the lamp tax, according to a"
            " statement carried by state media KCNA."
        ),
    ),
    (
        COMMENTARY,
        "North Korea calls lamp tax robbery",
        "North Korea's KCNA news agency said in a commentary on Sunday that it was robbery.",
    ),
    (
        UNKNOWN,
        "North Korea lights a lamp",
        (
            "North Korea lit a lamp toward the sea on Sunday, the U.S. Indo-Pacific Command said in"
            " a statement."
        ),
    ),
    (
        UNKNOWN,
        "North Korea lights a lamp",
        "North Korea lit a lamp on Sunday, the Joint Chiefs of Staff (JCS) said in a statement.",
    ),
    (
        UNKNOWN,
        "Ministry says N.K. statement 'noteworthy'",
        (
            "SEOUL, May 6 (Yonhap) -- South Korea's unification ministry said the latest statement"
            " by Kim Yo-jong was noteworthy."
        ),
    ),
    (
        UNKNOWN,
        "UN chief condemns lamp",
        "The U.N. spokesperson said in a statement that North Korea must put out the lamp.",
    ),
    (
        UNKNOWN,
        "G7 on lamps",
        "The G7 condemned North Korea's lamps in a joint statement on Friday.",
    ),
]


@pytest.mark.parametrize(("expected", "title", "text"), ENGLISH + REPORTED)
def test_the_speaker_and_the_form_tell_the_level(
    expected: StatementLevel, title: str, text: str
) -> None:
    assert find_statement_level(title, text) is expected


@given(st.text(max_size=300), st.text(max_size=2000))
def test_any_text_has_one_level(title: str, text: str) -> None:
    assert find_statement_level(title, text) in StatementLevel


@pytest.mark.parametrize(
    "unit",
    [
        "statement by DPRK ",
        "spokesperson ",
        "대변인 ",
        "담화 ",
        "KCNA (",
        "谈话",
        "談話は",
        "заявление ",
    ],
)
def test_only_the_beginning_of_a_long_text_is_read(unit: str) -> None:
    beginning = unit * 2000
    assert find_statement_level(beginning, beginning) is find_statement_level(
        beginning, beginning + "\nStatement of DPRK Government" * 20_000
    )


def test_a_government_that_answers_a_statement_is_not_its_speaker() -> None:
    text = "Pyongyang, May 6 (KCNA) -- U.S. says lamps are bad. The DPRK does not agree."
    assert find_statement_level("U.S. Says Lamps Are Bad: KCNA Commentary", text) is COMMENTARY
    assert find_statement_level("U.S. Says Lamps Are Bad: KCNA Commentary", "") is UNKNOWN
