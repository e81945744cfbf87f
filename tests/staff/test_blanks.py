"""The page of a draft's blanks: who fills them in, what is refused, and what patients then read."""

import pytest

from clinic.patient.recovery_page import page as recovery_page
from reminders.plan import signing
from reminders.plan.files.document_rows import document_of, export
from reminders.plan.files.import_draft import take
from reminders.plan.models import StepText
from reminders.plan.version_diff import sentences
from reminders.plan.version_review import judge
from tests import given
from tests.given import NOW, a_site, a_staff_member, an_enrolment, open_blanks
from tests.staff.admin_pages import draft_of, text
from tests.staff.editing import draft, url
from tests.staff.people import a_manager, people, signed_in

__all__ = ["draft", "people"]
pytestmark = pytest.mark.django_db
WEIGHT = {"amount-lifting_limit": "15", "unit-lifting_limit": "lb", "was-lifting_limit": ""}


def test_a_surgeon_or_a_manager_fills_in_and_nobody_else(people, draft):
    open_blanks(draft)
    page = url("protocolversion_blanks", draft)

    assert signed_in(people.colleague).get(page).status_code == 200
    assert 'name="amount-lifting_limit"' not in signed_in(people.colleague).get(page).content.decode()
    assert signed_in(people.colleague).post(page, WEIGHT).status_code == 403
    assert signed_in(people.stranger).get(page).status_code == 404
    assert signed_in(people.stranger).post(page, WEIGHT).status_code == 404
    draft.refresh_from_db()
    assert draft.blanks["lifting_limit"]["value"] == ""

    for somebody, amount in ((a_manager(people.site), "15"), (people.owner, "20")):
        was = {"was-lifting_limit": "15 lb" if amount == "20" else ""}
        signed_in(somebody).post(page, WEIGHT | was | {"amount-lifting_limit": amount, "struck-sex_after": "on"})
        draft.refresh_from_db()
        assert draft.blanks["lifting_limit"]["value"] == f"{amount} lb"
        assert draft.blanks["sex_after"]["value"] == "struck"
        assert draft.blanks["lifting_limit"]["why"], "the reason beside it stays"


def test_what_cannot_be_said_or_was_filled_in_meanwhile_is_refused_and_kept_in_its_box(people, draft):
    client, page = signed_in(people.owner), url("protocolversion_blanks", draft)
    before = export(draft)

    shown = client.post(page, WEIGHT | {"amount-lifting_limit": "ten", "was-lifting_limit": "10 lb"})
    many = text(shown)
    assert 'name="was-lifting_limit" value="10 lb"' in shown.content.decode(), "so that the right number is taken next"
    late = text(client.post(page, WEIGHT))
    foreign = text(client.post(page, WEIGHT | {"unit-lifting_limit": "kg", "was-lifting_limit": "10 lb"}))

    assert "It must be a number with its unit, such as 10 lb." in many
    assert "Somebody else filled in 10 lb in the meantime." in late
    assert "is 15 kg, and this site writes lb." in foreign
    draft.refresh_from_db()
    assert export(draft) == before


def test_a_signature_names_each_open_blank_and_where_it_stands(people, draft):
    open_blanks(draft, "lifting_limit", "sex_after")

    page = text(signed_in(people.owner).get(url("protocolversion_sign", draft)))

    assert "2 faults to fix first" in page
    assert "{lifting_limit} (most that may be lifted) is not filled in. It stands in phase weeks-1-2, avoid" in page
    assert "step avoid-heavy-lifting-1 (en, es)" in page
    assert "{sex_after} (no sex for) is not filled in. It stands in the questions people ask (en, es)." in page


def test_patients_read_what_was_filled_in_and_nothing_of_what_was_struck(people):
    version = draft_of(people.site, "miss-base")
    version.blanks["bending_until"]["value"] = version.blanks["bath_after"]["value"] = "struck"
    version.save()
    surgery = an_enrolment(people.site, by=people.owner, day=3)

    pages = {tag: recovery_page(surgery.care_plan, language=tag, now=NOW) for tag in ("en", "es")}

    assert "Heavy lifting. Lift no more than 10 lb." in pages["en"].avoid
    assert "Estar sentado o sentada más de 30 minutos seguidos." in pages["es"].avoid
    assert not [line for line in pages["en"].avoid if "Bending" in line]
    asked = {one.question: one.answer for one in pages["es"].advice}
    assert asked["¿Cuándo puedo manejar?"].startswith("No maneje por 2 semanas después de su operación.")
    assert "tina" not in asked["¿Cuándo puedo bañarme?"]
    assert "{" not in str([(one.do, one.avoid, one.advice) for one in pages.values()])


def test_blanks_go_into_a_file_and_back_and_show_in_a_comparison(people, draft):
    draft.blanks["lifting_limit"]["value"] = "15 lb"
    draft.blanks["sex_after"]["value"] = "struck"
    draft.save()

    taken = take(export(draft).encode(), site=people.site, new=False, by=people.owner, now=NOW)
    opened = take(
        export(draft).replace('"15 lb"', "null").encode(), site=people.site, new=False, by=people.owner, now=NOW
    )

    assert export(taken) == export(draft)
    assert (taken.blanks, taken.advice) == (draft.blanks, draft.advice)
    assert sentences(document_of(opened), document_of(taken)) == [
        "The blank {lifting_limit} (most that may be lifted) is now 15 lb; before, it was open."
    ]


def test_a_new_version_begins_with_the_values_of_the_one_before(people):
    version = given.a_signed_version(people.site, by=people.owner)

    draft = signing.new_version(version, by=people.owner, now=NOW)

    assert (draft.blanks, draft.advice) == (version.blanks, version.advice)
    assert judge(draft).faults == []


def test_a_version_signed_before_there_were_blanks_is_read_as_it_was(people, draft):
    draft.blanks, draft.advice = {}, {}
    draft.save()
    StepText.objects.filter(step__version=draft).update(sms="{clinic}: {clinic_phone} {emergency_number}", body="")
    before = export(draft)

    assert "blanks" not in before.split("phases:")[0].split("\n\n", 1)[1]
    assert "advice:" not in before.split("\ncode:")[1]


def test_a_site_that_weighs_in_kilograms_is_asked_for_kilograms():
    site = a_site("toronto", country="CA")
    surgeon = a_staff_member(site)
    draft = draft_of(site, "vertebroplasty")

    page = signed_in(surgeon).get(url("protocolversion_blanks", draft)).content.decode()

    assert 'name="unit-lifting_limit" value="kg"' in page
    assert draft.blanks["lifting_limit"]["value"] == "5 kg"
    assert judge(draft).faults == []
