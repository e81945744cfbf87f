"""A protocol as a file: the same bytes again, read by a person, and refused with a place when something is wrong."""

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from patients.models import Site, StaffMember
from patients.models.staff import Role
from reminders.plan import library
from reminders.plan.files import tree
from reminders.plan.files.documents import export
from reminders.plan.files.reading import read
from reminders.plan.files.taking import take
from reminders.plan.files.tree import UnreadableFile
from reminders.plan.files.writing import written
from reminders.plan.models import Phase, Protocol, ProtocolVersion, Step, StepText
from tests import given
from tests.given import NOW

SHIPPED = sorted(library.HERE.glob("*.yaml"))
SMALL = (library.HERE / "vertebroplasty.yaml").read_bytes()

DOCUMENT = read(SMALL)


def without_header(text: str) -> str:
    return text[text.index("\ncode: ") :]


def refusal(data: bytes | str) -> list[str]:
    with pytest.raises(UnreadableFile) as refused:
        read(data if isinstance(data, bytes) else data.encode())
    return refused.value.sentences


def changed(*pairs: tuple[str, str]) -> str:
    """The smallest shipped file with something put in place of something else, once."""
    text = SMALL.decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


# Written and read -------------------------------------------------------------------------------------------------


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


WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n\t"), max_size=60)
LINE = WORDS.map(lambda text: text.replace("\n", " "))
CODE = st.from_regex(r"[-a-zA-Z0-9_]{1,12}", fullmatch=True)


@settings(max_examples=150)
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


# Refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\x00", "The file is not in UTF-8."),
        (b"", "The file is not a protocol."),
        (b"- a\n- b\n", "The file is not a protocol."),
        (b"code: [1, 2\n", "this is not YAML"),
        (b"code: a\n\tname: b\n", "Line 2, column 1: this is not YAML"),
        (b"code: a\ncode: b\n", "Line 2: “code” stands there twice."),
        (b"a: &x [1]\nb: *x\n", "Line 1: names with & and * are not taken."),
        (b"a: !!python/object/apply:os.system ['true']\n", "Line 1: types with ! are not taken."),
        (b"code: !!str x\n", "Line 1: types with ! are not taken."),
        (b"code: a\n---\ncode: b\n", "a second document begins"),
        (b"a: " + b"[" * 100_000, "nested deeper than any protocol"),
        (b"? [a, b]\n: c\n", "Line 1: a word and a colon are expected here."),
        (b"a: \x00\n", "this is not YAML"),
        (b"#" * (tree.LARGEST + 1), "A protocol has no more than"),
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
        "Line 1: names with & and * are not taken. Write the words out, or quote them."
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
        ("  - code: weeks-1-2", "  - code: day-of-surgery", r"the code “day-of-surgery” stands there more than once"),
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
    assert re.fullmatch(r"And \d+ more\. Mend these first\.", sentences[-1])


# In the database --------------------------------------------------------------------------------------------------


def counts() -> list[int]:
    return [model.objects.count() for model in (Protocol, ProtocolVersion, Phase, Step, StepText)]


def shipped_version(site: Site, code: str = "vertebroplasty") -> ProtocolVersion:
    return ProtocolVersion.objects.select_related("protocol").get(protocol__site=site, protocol__code=code)


def test_export_import_export_is_byte_equal(site: Site, surgeon: StaffMember) -> None:
    version = shipped_version(site)
    version.expected_pain = [[1, 4, 8]]
    version.save()
    version.steps.filter(code="walk-today").update(late_rule="skip")
    StepText.objects.filter(step__version=version, step__code="walk-today", language="en").update(
        body="One\r\n\r\nTwo  "
    )
    first = export(version)

    draft = take(first.encode(), site=site, new=False, by=surgeon, now=NOW)

    assert (draft.number, draft.state) == (2, "draft")
    assert export(draft) == first
    assert "late_rule: skip" in first


def test_a_file_of_another_house_becomes_a_new_protocol(site: Site, surgeon: StaffMember) -> None:
    elsewhere = given.a_site("hilltop")
    theirs = export(shipped_version(elsewhere)).replace("code: vertebroplasty\n", "code: our-own\n", 1)

    draft = take(theirs.encode(), site=site, new=True, by=surgeon, now=NOW)

    assert (draft.protocol.site, draft.protocol.code, draft.number) == (site, "our-own", 1)
    assert export(draft) == theirs


def test_a_new_protocol_needs_a_code_of_its_own_and_a_version_the_code_it_belongs_to(
    site: Site, surgeon: StaffMember
) -> None:
    before = counts()
    unknown = changed(("code: vertebroplasty", "code: our-own")).encode()

    for data, new, said in (
        (SMALL, True, "Import it as a new version of that"),
        (unknown, False, "has no protocol “our-own”. Import it as a new protocol, or change the code"),
    ):
        with pytest.raises(UnreadableFile, match=said):
            take(data, site=site, new=new, by=surgeon, now=NOW)

    assert counts() == before


def test_what_the_tables_would_refuse_is_said_and_nothing_is_half_written(site: Site, surgeon: StaffMember) -> None:
    before = counts()
    wrong = changed(
        ("code: vertebroplasty", "code: our-own"),
        ("    first_day: 1\n    last_day: 14", "    first_day: 14\n    last_day: 1"),
        (
            "    anchor: surgery\n    check_up: null\n    offset_days: 0",
            "    anchor: surgery\n    check_up: null\n    offset_days: -3",
        ),
        ("{clinic}: ", "{nobody}: "),
    )

    with pytest.raises(UnreadableFile) as refused:
        take(wrong.encode(), site=site, new=True, by=surgeon, now=NOW)

    assert [sentence.split(":")[0].split(" ")[0] for sentence in refused.value.sentences] == ["Phase", "Step", "Step"]
    assert counts() == before


@pytest.mark.parametrize("role", [Role.RECEPTION, None])
def test_who_may_not_edit_may_not_import(site: Site, role: str | None) -> None:
    nobody = given.a_staff_member(site, role) if role else given.a_staff_member(given.a_site("hilltop"))
    before = counts()

    with pytest.raises(PermissionDenied):
        take(SMALL, site=site, new=False, by=nobody, now=NOW)

    assert counts() == before


def test_the_command_writes_a_file_and_reads_it_again(site: Site, surgeon: StaffMember, tmp_path: Path) -> None:
    given.a_signed_version(site, "vertebroplasty", by=surgeon)
    path = tmp_path / "ours.yaml"

    call_command("protocol", "export", "vertebroplasty", site=site.code, to=path)
    call_command("protocol", "import", path, site=site.code, by=surgeon.username)

    draft = Protocol.objects.get(site=site, code="vertebroplasty").versions.get(number=2)
    assert (draft.state, export(draft)) == ("draft", path.read_text("utf-8"))


def test_the_command_writes_to_standard_output_what_it_would_write_to_a_file(site: Site) -> None:
    out = StringIO()

    call_command("protocol", "export", "fusion", site=site.code, version_number=1, stdout=out)

    assert out.getvalue() == export(shipped_version(site, "fusion"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["export", "knees", "--site", "riverside"],
            "has no protocol “knees”. Its protocols are: decompression, fusion",
        ),
        (["export", "fusion", "--site", "nowhere"], "There is no site “nowhere”. The sites are: riverside."),
        (
            ["export", "fusion", "--site", "riverside", "--version-number", "7"],
            "has no version 7. Its versions are: 1.",
        ),
        (["export", "fusion", "--site", "riverside", "--to", "/nowhere/x"], "cannot be written: No such file"),
        (["import", "/nowhere/x", "--site", "riverside", "--by", "ida"], "/nowhere/x cannot be read: No such file"),
        (
            ["import", "x", "--site", "riverside", "--by", "nobody"],
            "no active staff member with the user name “nobody”",
        ),
    ],
)
def test_what_the_command_cannot_do_is_a_sentence_and_a_2(site: Site, words: list[str], said: str) -> None:
    given.a_staff_member(site, username="ida")

    with pytest.raises(CommandError, match=re.escape(said)) as refused:
        call_command("protocol", *words)

    assert refused.value.returncode == 2


def test_the_command_says_everything_that_is_wrong_with_a_file(site: Site, tmp_path: Path) -> None:
    given.a_staff_member(site, username="ida")
    given.a_staff_member(site, "reception", username="rex")
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(changed(("    warning: false", "    warning: x"), ("    repeat_days: null", "    repeat_days: 3")))
    good.write_bytes(SMALL)
    before = counts()

    with pytest.raises(CommandError, match=r"(?s)Line \d+.*\nLine \d+"):
        call_command("protocol", "import", bad, site="riverside", by="ida")
    with pytest.raises(CommandError, match="Only a surgeon or a manager"):
        call_command("protocol", "import", good, site="riverside", by="rex")

    assert counts() == before


def test_a_draft_with_faults_can_leave_and_come_back(site: Site, surgeon: StaffMember) -> None:
    """A colleague elsewhere may finish it: a file holds what is there, and signing asks for the rest."""
    version = shipped_version(site)
    version.steps.all().delete()
    Phase.objects.filter(version=version).update(do={}, avoid={"en": ["x"], "es": []})

    text = export(version)
    draft = take(text.encode(), site=site, new=False, by=surgeon, now=NOW)

    assert export(draft) == text
    assert not draft.steps.exists()
