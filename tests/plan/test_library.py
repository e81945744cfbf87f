"""The protocols that come with the install: sound, as the clinical page says, and in words a patient can read."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from patients import validators
from patients.models import Site
from reminders.delivery import mail_html
from reminders.plan import blanks, library, placeholders
from reminders.plan.blanks import BLANKS
from reminders.plan.models import DefaultProtocol, Protocol, ProtocolVersion, Step, StepText
from reminders.plan.models.step import StepKind
from reminders.plan.version_review import ReviewVerdict, judge
from reminders.plan.wording.readability import grade
from reminders.replies.parsing.questionnaire import HIGH
from tests import given
from tests.plan.shipped import CODES, LIBRARY, days_of

RESERVED = r"\b(YES|START|UNSTOP|CANCEL|END|QUIT|REVOKE)\b"  # carriers act on these
CLINICAL = r"spine|spinal|surgery|surgical|cirug|fusion|fusión|\bdisc|columna|operat|operac|lamin|vertebr|kypho"
AT_LONGEST = {
    "clinic": "Springfield Spine Ctr 1",
    "clinic_phone": "+1 202 555 0100",
    "emergency_number": "911",
    "link": "https://care.example.org/p/AbC1234567xy/",  # a clinic with a longer address pays for a second part
    "lifting_limit": "100 lb",
    "visit_day": {"en": "Wednesday 30 September", "es": "miércoles 30 de septiembre"},
    "visit_time": {"en": "11:30 AM", "es": "11:30"},
}


every_language = pytest.mark.parametrize(("code", "language"), list(product(CODES, ["en", "es"])))


def offending(code: str, language: str, is_wrong: Callable[[dict[str, Any], dict[str, str]], object]) -> list[str]:
    """The steps whose words break a rule."""
    steps = LIBRARY[code]["steps"]
    return [step["code"] for step in steps if is_wrong(step, step["texts"][language])]


def filled(sms: str, language: str) -> str:
    values = {name: v if isinstance(v, str) else v[language] for name, v in AT_LONGEST.items()}
    return placeholders.render(sms, values | {"clinic": AT_LONGEST["clinic"][:22]})


# The files ---------------------------------------------------------------------------------------------------------


def test_the_base_timeline_and_four_families_are_shipped() -> None:
    assert sorted(LIBRARY) == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_step_is_complete_and_its_code_is_its_own(code: str) -> None:
    steps = LIBRARY[code]["steps"]

    assert len({step["code"] for step in steps}) == len(steps)
    assert {step["kind"] for step in steps} <= set(StepKind.values)
    assert not [step["code"] for step in steps if set(step["texts"]) != {"en", "es"}]
    assert not [step["code"] for step in steps if not step["why"].strip()]  # the reason is shown beside each default


@pytest.mark.parametrize("code", CODES)
def test_a_step_lies_in_the_phase_it_belongs_to(code: str) -> None:
    phases = {phase["code"]: phase for phase in LIBRARY[code]["phases"]}

    for step in LIBRARY[code]["steps"]:
        if step["anchor"] in ("surgery", "check_up_window"):
            phase = phases[step["phase"]]
            assert phase["first_day"] <= days_of(code, step)[0] <= (phase["last_day"] or 9999), step["code"]


# The words (PROTOCOLS.md, section 6) ------------------------------------------------------------------------------


@every_language
def test_a_text_message_is_one_part_long(code: str, language: str) -> None:
    assert offending(code, language, lambda _, words: mail_html.parts(filled(words["sms"], language)).parts != 1) == []


@every_language
def test_a_text_message_names_the_clinic_first_and_says_how_to_stop(code: str, language: str) -> None:
    assert offending(code, language, lambda _, words: not words["sms"].startswith("{clinic}: ")) == []
    assert offending(code, language, lambda _, words: "STOP" not in words["sms"]) == []


@every_language
def test_a_text_message_tells_a_stranger_nothing(code: str, language: str) -> None:
    assert offending(code, language, lambda _, words: re.search(CLINICAL, words["sms"], re.IGNORECASE)) == []
    assert offending(code, language, lambda _, words: placeholders.too_personal(words["sms"])) == []


@every_language
def test_no_word_that_carriers_act_on_is_offered(code: str, language: str) -> None:
    assert offending(code, language, lambda _, words: re.search(RESERVED, " ".join(words.values()))) == []
    assert offending(code, language, lambda _, words: mail_html.forbidden_reply_words(words["sms"])) == []


@every_language
def test_an_email_has_a_subject_and_says_whom_to_call(code: str, language: str) -> None:
    assert offending(code, language, lambda _, words: not 0 < len(words["subject"]) <= 120) == []
    assert offending(code, language, lambda _, words: "{clinic_phone}" not in words["body"]) == []


@every_language
def test_the_emergency_number_is_on_every_check_in_on_day_0_and_on_every_warning(code: str, language: str) -> None:
    def silent(step: dict[str, Any], words: dict[str, str]) -> bool:
        needs = step["kind"] in ("check_in", "walk_today") or step["warning"] or days_of(code, step)[0] == 0
        return needs and not all("{emergency_number}" in words[name] for name in ("sms", "body"))

    assert offending(code, language, silent) == []


@every_language
def test_a_question_with_a_scale_asks_how_much(code: str, language: str) -> None:
    """A question that sounds like yes or no is answered with yes or no."""
    how_much = {"en": r"how much|Pain now, 0-10", "es": r"qué tanto|Dolor hoy, 0-10"}[language]

    def asks_yes_or_no(step: dict[str, Any], words: dict[str, str]) -> bool:
        return step["kind"] in ("check_in", "outcome_questions") and not re.search(how_much, words["sms"])

    assert offending(code, language, asks_yes_or_no) == []


@pytest.mark.parametrize("code", CODES)
def test_only_who_has_therapy_is_told_of_exercises_that_were_shown(code: str) -> None:
    shown = re.compile(r"exercises (?:that )?you were shown|ejercicios que le enseñ|therapist or surgeon showed")
    told = [step for step in LIBRARY[code]["steps"] if shown.search(str(step["texts"]))]

    assert {step["condition"] for step in told} == {"pt_ordered"}


@pytest.mark.parametrize("code", CODES)
def test_spanish_is_that_of_america(code: str) -> None:
    elsewhere = re.compile(
        r"conduc|revisi[oó]n|ordenador|móvil|urgencias|\bpaseo|\bdolorid|fisioterapia|bolsas de la compra"
    )

    assert elsewhere.findall(str(spanish(LIBRARY[code]))) == []


def spanish(part: Any) -> list[Any]:
    """Everything that stands under a key `es`."""
    if isinstance(part, dict):
        return [row for key, said in part.items() for row in ([said] if key == "es" else spanish(said))]
    return [row for one in part for row in spanish(one)] if isinstance(part, list) else []


@every_language
def test_every_text_reads_at_grade_six_or_below(code: str, language: str) -> None:
    def hard(_: dict[str, Any], words: dict[str, str]) -> bool:
        return any((grade(words[name], language) or 0) > 6 for name in ("sms", "body"))

    assert offending(code, language, hard) == []
    assert [line for line in LIBRARY[code]["advice"][language] if (grade(line, language) or 0) > 6] == []


@pytest.mark.parametrize("code", CODES)
def test_the_blanks_of_a_draft_are_those_it_uses_each_open_and_with_a_reason(code: str) -> None:
    draft = LIBRARY[code]
    used = {name for name in re.findall(r"{(\w+)}", str(draft)) if name in BLANKS}

    assert set(draft["blanks"]) == used
    assert not [name for name, kept in draft["blanks"].items() if kept["value"] or not kept["why"].strip()]
    assert {"lifting_limit", "lifting_until", "bending_until", "driving_after", "constipation_after"} <= used
    of_fusions = {"brace_hours", "anti_inflammatory_until"}
    assert used & of_fusions == (of_fusions if code in ("fusion", "si-fusion") else set())
    assert len(draft["advice"]["en"]) == len(draft["advice"]["es"])


# In the database --------------------------------------------------------------------------------------------------


@pytest.fixture
def site(db: None) -> Site:
    return given.a_site()


@pytest.mark.parametrize("code", CODES)
def test_the_expected_pain_is_a_draft_that_falls_and_stays_below_what_alarms(site: Site, code: str) -> None:
    rows = ProtocolVersion.objects.get(protocol__site=site, protocol__code=code).expected_pain

    validators.expected_pain(rows)
    assert len(rows) > 1
    assert rows == sorted(rows, key=lambda row: (row[0], -row[2]))
    assert [top for _, _, top in rows] == sorted((top for _, _, top in rows), reverse=True)
    assert max(top for _, _, top in rows) < HIGH
    text = (library.HERE / f"{code}.yaml").read_text()
    assert "An unsigned draft, wide and cautious, and without a source" in text


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("value", ["", "struck"])
def test_open_blanks_keep_a_draft_from_being_signed_and_struck_ones_do_not(site: Site, code: str, value: str) -> None:
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code=code)
    version.blanks = blanks.with_values(version.blanks, dict.fromkeys(version.blanks, value))

    verdict = judge(version)

    assert verdict.warnings == []
    unfilled = [f"{{{name}}}" for name in version.blanks] if not value else []
    assert sorted(fault.split(" ")[0] for fault in verdict.faults) == sorted(unfilled)


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_protocol_is_an_unsigned_draft_that_could_be_signed_without_a_warning(site: Site, code: str) -> None:
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code=code)

    assert version.state == "draft"
    assert judge(version) == ReviewVerdict(faults=[], warnings=[])
    for row in [*version.steps.all(), *StepText.objects.filter(step__version=version)]:
        row.full_clean()


def test_every_procedure_starts_with_a_protocol_of_its_family(site: Site) -> None:
    defaults = DefaultProtocol.objects.filter(site=site).select_related("procedure", "protocol")

    assert {one.procedure.code for one in defaults} == {code for code, _, _ in library.PROCEDURES}
    assert all(one.procedure.family == one.protocol.family for one in defaults)


def test_installing_twice_changes_nothing(site: Site) -> None:
    def rows() -> list[list[Any]]:
        return [list(model.objects.order_by("pk").values()) for model in (Protocol, ProtocolVersion, Step, StepText)]

    before = rows()

    library.install(site)

    assert rows() == before


def test_what_a_site_has_edited_is_left_alone(site: Site) -> None:
    Protocol.objects.filter(site=site, code="fusion").update(name="Our fusion plan")

    library.install(site)

    assert Protocol.objects.get(site=site, code="fusion").name == "Our fusion plan"
