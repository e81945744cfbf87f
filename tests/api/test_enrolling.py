"""One request enrols; a repeat is harmless; bad input is named."""

from datetime import timedelta

import pytest

from patients import clock
from patients.models import Patient, Procedure, Surgery
from reminders.plan import signing
from reminders.plan.models import ProtocolVersion
from tests import given
from tests.api.problems import named, problem
from tests.api.test_patients import CONSENT, a_body

URL = "/api/v1/surgeries/"


@pytest.fixture
def signed(site, owner):
    return given.a_signed_version(site, by=owner)


@pytest.fixture
def body(signed, site, owner):
    """A new patient's, for an operation yesterday."""
    yesterday = site.today(clock.now()) - timedelta(days=1)
    return {"new_patient": a_body(), "procedure": "miss", "surgeon": owner.pk, "date": f"{yesterday}"}


def test_a_surgery_is_enrolled_by_reception_and_its_plan_laid_out(as_, colleague, owner, signed, body):
    answer = as_(colleague).post(URL, body | {"job": "desk"})

    assert answer.status_code == 201
    surgery = answer.json()
    assert (surgery["state"], surgery["job"], surgery["protocol_version"]) == ("active", "desk", signed.pk)
    assert (surgery["surgeon"], surgery["surgeon_name"]) == (owner.pk, "Ida Hale")
    assert Surgery.objects.get().reminders.planned().count() > 10


def test_the_same_key_gives_the_same_surgery_with_the_same_body(as_, colleague, body):
    client, key = as_(colleague), {"HTTP_IDEMPOTENCY_KEY": "order-1"}

    first, second = client.post(URL, body, **key), client.post(URL, body, **key)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Patient.objects.count() == Surgery.objects.count() == 1


def test_what_may_set_another_pace_comes_with_the_enrolment(as_, colleague, body):
    known = body["new_patient"] | {"conditions": ["diabetes", "smoking"], "bmi_band": "30_to_35"}

    as_(colleague).post(URL, body | {"new_patient": known, "levels": 2, "asa_class": 3})

    surgery = Surgery.objects.get()
    assert (surgery.levels, surgery.asa_class) == (2, 3)
    assert (surgery.patient.conditions, surgery.patient.bmi_band) == (["diabetes", "smoking"], "30_to_35")


def test_a_condition_that_nobody_knows_is_refused_with_those_that_are(as_, colleague, body):
    known = body["new_patient"] | {"conditions": ["bad luck"]}

    answer = as_(colleague).post(URL, body | {"new_patient": known, "asa_class": 9})

    assert "diabetes" in str(problem(answer, 400))
    assert not Patient.objects.exists()


@pytest.mark.parametrize("other", [{"date": "2026-01-05"}, {"procedure": "tlif"}, {"job": "physical"}])
def test_the_same_key_with_other_facts_is_refused(as_, colleague, body, signed, other):
    client, key = as_(colleague), {"HTTP_IDEMPOTENCY_KEY": "order-1"}
    named_version = body | {"protocol_version": signed.pk}
    client.post(URL, named_version, **key)

    answer = client.post(URL, named_version | other, **key)

    assert problem(answer, 422)["type"] == "urn:aftercare:problem:key-reused"
    assert "new key" in named(answer, 422)["Idempotency-Key"]
    assert Surgery.objects.count() == 1


@pytest.mark.parametrize("key", ["", "a b", "é", "k" * 81])
def test_a_key_that_is_none_is_named(as_, colleague, body, key):
    assert "UUID" in named(as_(colleague).post(URL, body, HTTP_IDEMPOTENCY_KEY=key))["Idempotency-Key"]


def test_a_patient_who_is_known_is_enrolled_by_id(as_, colleague, body, site):
    patient = given.a_patient(site, by=colleague)
    del body["new_patient"]

    answer = as_(colleague).post(URL, body | {"patient": patient.pk})

    assert answer.json()["patient"] == patient.pk


@pytest.mark.parametrize(
    ("facts", "pointer", "sentence"),
    [
        ({"date": "2062-03-02"}, "#/date", "more than two years ahead"),
        ({"date": "2199-12-31"}, "#/date", "more than two years ahead"),
        ({"date": "2016-03-02"}, "#/date", "more than two years back"),
        ({"date": "9999-12-31"}, "#/date", "between 1900 and 2199"),
        ({"date": "1964-03-02"}, "#/date", "before the date of birth"),
        ({"date": "2025-02-29"}, "#/date", "a day that exists"),
        ({"date": "2026-03-02T10:00:00Z"}, "#/date", "without a time"),
        ({"procedure": "magic"}, "#/procedure", "nothing with this code"),
        ({"procedure": "mi\x00ss"}, "#/procedure", "nothing with this code"),
        ({"procedure": "tlif"}, "#/protocol_version", "no signed protocol for this procedure"),
        ({"surgeon": 0}, "#/surgeon", "nothing with this id"),
        ({"surgeon": 10**30}, "#/surgeon", "nothing with this id"),
        ({"surgeon": "Hale"}, "#/surgeon", "whole number"),
        ({"patient": 1.5}, "#/patient", "whole number"),
        ({"job": "miner"}, "#/job", "unknown, none, desk, physical"),
        ({"jobs": "desk"}, "#/jobs", "Did you mean “job”?"),
        ({"new_patient": 7}, "#/new_patient", "dictionary"),
        ({"new_patient": a_body(birth_date="2024-01-01")}, "#/new_patient/birth_date", "Under 18"),
        ({"new_patient": a_body(contacts=[{"phone": "1"}])}, "#/new_patient/contacts/0/phone", "phone number"),
    ],
)
def test_bad_input_names_the_field_and_nothing_is_kept(as_, colleague, body, facts, pointer, sentence):
    for path in ("", "preview/"):
        assert sentence in named(as_(colleague).post(f"{URL}{path}", body | facts))[pointer]
    assert not Surgery.objects.exists()
    assert not Patient.objects.exists()


def test_neither_a_patient_nor_a_new_one_is_refused(as_, colleague, body):
    del body["new_patient"]

    assert "Give either" in named(as_(colleague).post(URL, body))["#/patient"]


def test_somebody_who_is_no_surgeon_cannot_be_the_surgeon(as_, colleague, body):
    answer = as_(colleague).post(URL, body | {"surgeon": colleague.pk})

    assert "is not a surgeon at" in named(answer)["#/surgeon"]


def test_a_draft_and_a_retired_version_are_refused_by_name(as_, colleague, owner, signed, body):
    draft = signing.new_version(signed, by=owner, now=given.NOW)
    answer = as_(colleague).post(URL, body | {"protocol_version": draft.pk})
    assert "is draft. A surgeon must sign" in named(answer)["#/protocol_version"]

    signing.sign(draft, by=owner, now=given.NOW)

    answer = as_(colleague).post(URL, body | {"protocol_version": signed.pk})
    assert "is retired" in named(answer)["#/protocol_version"]
    assert ProtocolVersion.objects.get(pk=signed.pk).state == "retired"


def test_a_second_operation_on_one_day_leads_to_the_first(as_, colleague, body):
    client = as_(colleague)
    first = client.post(URL, body).json()
    again = {name: value for name, value in body.items() if name != "new_patient"} | {"patient": first["patient"]}

    for path in ("", "preview/"):
        answer = client.post(f"{URL}{path}", again)
        assert "already has an operation on that day" in named(answer, 409)["#/date"]
        assert answer.json()["existing"].endswith(f"{URL}{first['id']}/")


def test_a_new_patient_with_a_number_that_is_taken_leads_to_that_patient(as_, colleague, body):
    client = as_(colleague)
    client.post("/api/v1/patients/", a_body())

    for path in ("", "preview/"):
        assert "number" in named(client.post(f"{URL}{path}", body), 409)["#/new_patient/number"]


def test_a_planned_operation_sends_nothing_before_day_0(as_, colleague, body, site):
    day0 = site.today(clock.now()) + timedelta(days=30)

    surgery = as_(colleague).post(URL, body | {"date": f"{day0}"}).json()

    schedule = as_(colleague).get(f"{URL}{surgery['id']}/schedule/").json()
    assert schedule["day_number"] == -30
    assert min(r["due_local"][:10] for r in schedule["reminders"]) >= f"{day0}"


@pytest.mark.parametrize("ago", [100, 731])
def test_an_operation_long_ago_skips_what_is_past(as_, colleague, body, site, ago):
    day = site.today(clock.now()) - timedelta(days=ago)

    surgery = as_(colleague).post(URL, body | {"date": f"{day}"}).json()

    reminders = as_(colleague).get(f"{URL}{surgery['id']}/schedule/").json()["reminders"]

    past = [r for r in reminders if r["due_at"][:10] < clock.now().date().isoformat()]
    assert past
    assert {r["status"] for r in past} == {"skipped"}
    assert all(r["why"] for r in past)


def test_without_consent_the_plan_is_laid_out_and_the_preview_says_call(as_, colleague, body):
    silent = body | {"new_patient": a_body(contacts=[{"phone": "+12025550123"}])}

    preview = as_(colleague).post(f"{URL}preview/", silent).json()

    assert {r["channel"] for r in preview["reminders"]} == {"call"}
    assert all(r["why"] for r in preview["reminders"])
    assert as_(colleague).post(URL, silent).status_code == 201


def test_the_preview_promises_nothing_that_a_caregivers_scope_forbids(as_, colleague, body, site):
    """Only a caregiver agreed, and hears of visits alone."""
    care = {"relationship": "caregiver", "name": "Ben", "scope": "visits"}
    contacts = [{"phone": "+12025550123"}, care | {"phone": "+12025550124", "consent": CONSENT}]
    asked = body | {"new_patient": a_body(contacts=contacts), "date": f"{site.today(clock.now())}"}

    rows = as_(colleague).post(f"{URL}preview/", asked).json()["reminders"]

    told = [row for row in rows if row["outcome"] == "sent"]
    assert {row["kind"] for row in told} == {"book_check_up", "recall"}
    assert {message["relationship"] for row in told for message in row["messages"]} == {"caregiver"}
    others = [row for row in rows if row["status"] == "planned" and row not in told]
    assert {(row["outcome"], row["channel"]) for row in others} == {("call", "call")}
    assert all(row["why"] and not row["messages"] for row in others)


def test_the_preview_says_what_will_be_proposed(as_, colleague, body):
    preview = as_(colleague).post(f"{URL}preview/", body | {"asa_class": 3}).json()

    assert {one["proposes"]: one["amount"] for one in preview["proposals"]} == {"pace": 120, "check_ins": 4}


def test_the_preview_says_when_and_in_which_words(as_, colleague, body, site):
    rows = as_(colleague).post(f"{URL}preview/", body | {"date": f"{site.today(clock.now())}"}).json()["reminders"]

    [message] = next(row for row in rows if row["step"] == "walk-today")["messages"]
    assert (message["contact"], message["relationship"], message["channel"]) == (None, "self", "sms")
    assert message["leaves_local"].endswith("T16:00:00-05:00")
    assert message["text"].startswith("Riverside Clinic: Walk a little today.")


def test_the_preview_is_the_plan_that_follows(as_, colleague, body):
    client = as_(colleague)
    agreed = body | {"new_patient": a_body(contacts=[{"email": "ana@example.org", "consent": CONSENT}])}

    preview = client.post(f"{URL}preview/", agreed).json()
    assert not Patient.objects.exists()
    schedule = client.get(f"{URL}{client.post(URL, agreed).json()['id']}/schedule/").json()

    def plan(rows):
        return sorted((r["step"], r["occurrence"], r["due_at"], r["due_local"], r["status"]) for r in rows)

    assert plan(preview["reminders"]) == plan(schedule["reminders"])
    assert preview["phases"] == schedule["phases"]
    assert [(c["code"], c["target_day"]) for c in preview["check_ups"]] == [
        (c["code"], c["target_day"]) for c in schedule["check_ups"]
    ]
    assert {r["channel"] for r in preview["reminders"]} == {"email"}


def test_a_procedure_says_whether_it_can_be_enrolled(as_, colleague, signed):
    client = as_(colleague)

    miss, tlif = (client.get(f"/api/v1/procedures/{code}/").json()["default_protocols"] for code in ("miss", "tlif"))

    assert miss[0]["signed_version"] == signed.pk
    assert tlif[0]["signed_version"] is None
    assert Procedure.objects.count() == len(client.get("/api/v1/procedures/").json()["results"])
