"""Enrolment: who may, on which protocol, once; and that the preview shows whom a message would reach."""

from tests.mutants.mutant import Mutant

ENROLMENT, TESTS = "reminders/enrolment.py", "tests/plan/test_enrolment.py::"
STAFF, PAGE = "clinic/staff/enrol/", "tests/staff/test_enrol.py::"

MUTANTS = [
    Mutant(
        "a stranger enrols nobody",
        ENROLMENT,
        "    refuse_stranger(site, by)\n",
        "",
        (TESTS + "test_a_stranger_enrols_nobody",),
        times=2,
    ),
    Mutant(
        "nobody is enrolled on a version that is not signed",
        ENROLMENT,
        "    elif new.version.state != VersionState.SIGNED:",
        "    elif False:",
        (TESTS + "test_a_draft_is_refused", TESTS + "test_a_retired_version_is_refused"),
    ),
    Mutant(
        "nobody is enrolled on another site's protocol",
        ENROLMENT,
        "    if new.version.protocol.site_id != site.pk:",
        "    if False:",
        (TESTS + "test_what_belongs_to_another_site_is_refused",),
    ),
    Mutant(
        "nobody enrols another site's patient",
        ENROLMENT,
        "    if patient.site_id != site.pk:",
        "    if False:",
        (TESTS + "test_what_belongs_to_another_site_is_refused",),
    ),
    Mutant(
        "nothing is planned for a patient who has died",
        ENROLMENT,
        '    elif patient.status != "active":',
        "    elif False:",
        (TESTS + "test_nothing_is_planned_for_a_patient_who_has_died",),
    ),
    Mutant(
        "who operates is a surgeon of the site",
        ENROLMENT,
        "    if not new.surgeon.is_at(site, Role.SURGEON):",
        "    if False:",
        ("tests/api/test_enrolling.py::test_somebody_who_is_no_surgeon_cannot_be_the_surgeon",),
    ),
    Mutant(
        "the same request twice enrols once",
        ENROLMENT,
        "    if not new.key:\n        return None\n",
        "    return None\n",
        (TESTS + "test_the_same_request_twice_enrols_once",),
    ),
    Mutant(
        "a request's key is for one enrolment",
        ENROLMENT,
        '        raise KeyReused("This request key was used for another enrolment. '
        'Use a new key for a new enrolment.")',
        "        pass",
        (TESTS + "test_the_same_key_for_another_enrolment_is_refused",),
    ),
    Mutant(
        "a day of surgery that can only be a slip is refused",
        ENROLMENT,
        "        care.refuse_day(patient, new.date, site.today(now))",
        "        pass",
        (TESTS + "test_a_day_of_surgery_that_cannot_be_is_refused",),
    ),
    Mutant(
        "minors are refused where a site does not treat them",
        "patients/actions.py",
        "if patient.age(today) < 18 and not patient.site.treats_minors:",
        "if False:",
        (TESTS + "test_a_wrong_fact_about_the_patient_is_named_and_nothing_is_written",),
    ),
    Mutant(
        "an address is no consent",
        ENROLMENT,
        "    if new.consent_wording:\n        care.give_consent(contact, source=new.consent_source,"
        " wording=new.consent_wording, by=by, now=now)",
        '    care.give_consent(contact, source=new.consent_source or "paper", wording=new.consent_wording or "-",'
        " by=by, now=now)",
        (PAGE + "test_an_address_without_consent_is_kept_and_stays_silent",),
    ),
    Mutant(
        "consent is given by its tick and by nothing else",
        STAFF + "contact_forms.py",
        'if data.get("consent") and data.get("wording"):',
        'if data.get("wording"):',
        (PAGE + "test_an_address_without_consent_is_kept_and_stays_silent",),
    ),
    Mutant(
        "a caregiver's number is not the patient's own",
        STAFF + "form_set.py",
        'if self.caregiver.cleaned_data.get("address") in own:',
        "if False:",
        (PAGE + "test_what_is_wrong_is_said_and_what_was_typed_is_kept",),
    ),
    Mutant(
        "a landline is not texted",
        STAFF + "contact_forms.py",
        "    if not phones.can_be_texted(number):",
        "    if False:",
        (PAGE + "test_what_is_wrong_is_said_and_what_was_typed_is_kept",),
    ),
    Mutant(
        "the preview of a known patient writes to no contact that has ended",
        "reminders/preview.py",
        "filter(patient=patient, ended_at=None)",
        "filter(patient=patient)",
        (PAGE + "test_the_plan_of_a_known_patient_writes_only_where_it_may[ended]",),
    ),
    Mutant(
        "the preview writes nothing",
        STAFF + "views.py",
        'if request.method == "POST" and "show_plan" not in request.POST:\n        surgery',
        'if request.method == "POST":\n        surgery',
        (PAGE + "test_without_scripts_a_button_shows_the_plan",),
    ),
    Mutant(
        "only the site's own surgeons are offered, and who left is none of them",
        STAFF + "forms.py",
        "            is_active=True, memberships__site=site, memberships__role=Role.SURGEON\n",
        "            memberships__site=site, memberships__role=Role.SURGEON\n",
        (PAGE + "test_a_surgeon_who_left_is_not_offered",),
    ),
]
