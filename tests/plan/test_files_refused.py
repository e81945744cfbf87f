"""A file that is no protocol is refused before anything is built, and every mistake in it is said with its place."""

import re

import pytest

from reminders.plan.files import yaml_tree
from reminders.plan.files.parse import read
from reminders.plan.files.yaml_tree import UnreadableFile
from tests.plan.protocol_files import SMALL, changed


def refusal(data: bytes | str) -> list[str]:
    with pytest.raises(UnreadableFile) as refused:
        read(data if isinstance(data, bytes) else data.encode())
    return refused.value.sentences


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\x00", "The file is not in UTF-8."),
        (b"", "The file is not a protocol."),
        (b"- a\n- b\n", "The file is not a protocol."),
        (b"code: [1, 2\n", "this is not YAML"),
        (b"code: a\n\tname: b\n", "Line 2, column 1: this is not YAML"),
        (b"code: a\ncode: b\n", "Line 2: “code” is there twice."),
        (b"a: &x [1]\nb: *x\n", "Line 1: names with & and * are not allowed."),
        (b"a: !!python/object/apply:os.system ['true']\n", "Line 1: types with ! are not allowed."),
        (b"code: !!str x\n", "Line 1: types with ! are not allowed."),
        (b"code: a\n---\ncode: b\n", "a second document starts"),
        (b"a: " + b"[" * 100_000, "nested deeper than any protocol"),
        (b"? [a, b]\n: c\n", "Line 1: a word and a colon are expected here."),
        (b"a: \x00\n", "this is not YAML"),
        (b"#" * (yaml_tree.LARGEST + 1), "A protocol has no more than"),
    ],
)  # fmt: skip
def test_what_no_protocol_needs_is_refused_before_it_is_built(data: bytes, said: str) -> None:
    (sentence,) = refusal(data)

    assert said in sentence


def test_a_bomb_of_aliases_is_refused_at_its_first_line() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)
    ]

    assert refusal("\n".join(levels)) == [
        "Line 1: names with & and * are not allowed. Write the text out, or quote it."
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("family: vertebroplasty", "family: knees", r"Line \d+: “family” must be one of base, .*, not “knees”"),
        (
            "    offset_days: 0\n",
            "    offset_days: soon\n",
            r"Line \d+, step [\w-]+: “offset_days” must be a whole number",
        ),
        ("    offset_days: 0\n", "", r"Line \d+, step [\w-]+: “offset_days” is missing\."),
        (
            "    offset_days: 0\n",
            "    offset_day: 0\n",
            r"“offset_day” is not known here\. Did you mean “offset_days”\?",
        ),
        ('    at: "11:00"', '    at: "25:00"', r"“at” must be a time such as \"09:00\", not “25:00”\."),
        (
            "    channels: [email, sms]",
            "    channels: [pigeon]",
            r"“channels” must be one of sms, email, not “pigeon”\.",
        ),
        ("    channels: [email, sms]", "    channels: []", r"“channels” must name sms or email, each once\."),
        ("    warning: false", "    warning: perhaps", r"“warning” must be true or false, not “perhaps”\."),
        ("    phase: day-of-surgery", "    phase: someday", r"Line \d+, step [\w-]+: there is no phase “someday”\."),
        ("  - code: weeks-1-2", "  - code: day-of-surgery", r"the code “day-of-surgery” is used more than once"),
        (
            "    repeat_days: null",
            "    repeat_days: 3",
            r"Line \d+, check-up [\w-]+: “repeat_days” must be a whole number from 28",
        ),
        (
            '    title: {en: "Day of surgery"',
            '    title: {english: "Day of surgery"',
            r"must have languages as keys, such as en or es-MX, not “english”",
        ),
        (
            "    kind: outcome_questions",
            "    late_rule: never\n    kind: outcome_questions",
            r"“late_rule” must be one of until, skip, next",
        ),
        (
            "expected_pain: [[1, 2, 7], ",
            "expected_pain: [[3, 9, 2], ",
            r"“expected_pain” is not right\. Give rows of day, lowest and highest",
        ),
        ("\ncheck_ups:", "\ncheck-ups:", r"“check_ups” must be a list"),
        ("        sms: ", "        text: ", r"step [\w-]+, en: “text” is not known here"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_its_step(old: str, new: str, said: str) -> None:
    sentences = refusal(changed((old, new)))

    assert any(re.search(said, sentence) for sentence in sentences), sentences


def test_all_mistakes_are_said_at_once() -> None:
    sentences = refusal(changed(("    warning: false", "    warning: x"), ('    at: "11:00"', '    at: "x"')))

    assert len(sentences) == 2


def test_a_file_full_of_mistakes_says_the_first_twenty() -> None:
    sentences = refusal(SMALL.decode().replace("    kind:", "    sort:"))

    assert len(sentences) == 21
    assert re.fullmatch(r"And \d+ more\. Fix these first\.", sentences[-1])
