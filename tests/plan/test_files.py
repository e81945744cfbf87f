"""A protocol as a file: whatever is written is read back, and a shipped one is written again byte for byte."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from reminders.plan import library
from reminders.plan.files.parse import read
from reminders.plan.files.serialize import written
from tests.plan.protocol_files import SMALL, changed
from tests.size import sized

SHIPPED = sorted(library.HERE.glob("*.yaml"))
DOCUMENT = read(SMALL)
WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n\t"), max_size=60)
LINE = WORDS.map(lambda text: text.replace("\n", " "))
CODE = st.from_regex(r"[-a-zA-Z0-9_]{1,12}", fullmatch=True)


def without_header(text: str) -> str:
    return text[text.index("\ncode: ") :]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_file_is_written_again_byte_for_byte(path: Path) -> None:
    text = path.read_text("utf-8")

    assert without_header(written(read(text.encode()))) == without_header(text)


def test_every_file_opens_with_the_explanation_of_its_format() -> None:
    text = written(DOCUMENT)

    assert text.startswith("# One file is one protocol.")
    assert "without a source" not in text  # said of the shipped numbers, not of a clinic's own
    for word in ("late_rule", "expected_pain", "useful_days", "{emergency_number}"):
        assert word in text[: text.index("\ncode: ")], word


def test_what_is_read_is_what_any_yaml_reader_reads() -> None:
    plainly = yaml.safe_load(SMALL)

    assert [step["texts"] for step in DOCUMENT["steps"]] == [step["texts"] for step in plainly["steps"]]
    assert DOCUMENT["phases"] == plainly["phases"]


@settings(max_examples=sized(build=100, full=500))
@every(CODE, st.sampled_from(["en", "no", "es-MX"]), LINE, WORDS, WORDS)
def test_whatever_is_written_is_read_back(code: str, tag: str, line: str, sms: str, body: str) -> None:
    """Codes that look like numbers, a language called `no`, quotes, emoji, spaces at both ends, new lines."""
    step = DOCUMENT["steps"][0] | {"texts": {tag: {"sms": sms, "subject": line, "body": body}}}
    document = DOCUMENT | {"code": code, "summary": line, "steps": [step], "phases": DOCUMENT["phases"][:1]}

    again = read(written(document).encode())

    assert again == document
    assert written(again) == written(document)


def test_what_is_usual_may_be_left_out_and_hours_need_no_quotes() -> None:
    bare = read(
        changed(
            ('    at: "11:00"\n', "    at: 9:05\n"), ("    warning: false\n", ""), ("    useful_days: 2\n", "")
        ).encode()
    )

    assert (bare["steps"][0]["at"], bare["steps"][0]["warning"], bare["steps"][0]["useful_days"]) == ("09:05", False, 1)


def test_late_rule_and_expected_pain_go_through_the_file() -> None:
    text = changed(
        ("expected_pain: [[1, 2, 7], [7, 1, 5], [42, 0, 4]]", "expected_pain: [[1, 4, 8], [14, 0, 3]]"),
        ("    warning", "    late_rule: next\n    warning"),
    )

    document = read(text.encode())

    assert document["expected_pain"] == [[1, 4, 8], [14, 0, 3]]
    assert document["steps"][0]["late_rule"] == "next"
    assert read(written(document).encode()) == document
