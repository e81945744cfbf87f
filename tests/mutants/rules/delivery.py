"""The delivery: claims, locks, receipts, what is settled and what is held."""

from tests.mutants.mutant import Mutant

DELIVERY = "reminders/delivery/"
TESTS = "tests/delivery/"

MUTANTS = [
    Mutant(
        "the claim's state in its WHERE clause",
        DELIVERY + "models/delivery.py",
        "return self.filter(state=State.QUEUED, not_before__lte=now)",
        "return self.filter(not_before__lte=now)",
        (TESTS + "test_claiming.py::test_what_is_claimed_is_not_claimed_again",),
    ),
    Mutant(
        "the claim's row locks, SKIP LOCKED",
        DELIVERY + "sending/claiming.py",
        "mine = due.filter(site=turn.site).select_for_update(skip_locked=True)",
        "mine = due.filter(site=turn.site)",
        (TESTS + "test_locks.py::TestTogether::test_a_claim_passes_over_what_another_one_holds",),
    ),
    Mutant(
        "one delivery for each contact, by constraint",
        "reminders/migrations/0001_squashed_0008_messages_added_by_surgeons.py",
        'models.UniqueConstraint(fields=("reminder", "contact"), name="one_delivery_per_contact")',
        'models.UniqueConstraint(fields=("reminder", "contact", "id"), name="one_delivery_per_contact")',
        (TESTS + "test_what_the_tables_refuse.py::test_a_second_delivery_of_one_reminder_to_one_contact",),
        schema=True,
    ),
    Mutant(
        "Twilio's signature on what comes in",
        "clinic/webhooks.py",
        "if not sms.is_from_twilio(",
        "if False and not sms.is_from_twilio(",
        (TESTS + "test_webhooks.py::test_what_is_not_signed_stays_out",),
    ),
    Mutant(
        "the contact's lock that STOP takes",
        "patients/actions.py",
        "rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=[contact.pk for contact in contacts])",
        "rows = Contact.objects.filter(pk__in=[contact.pk for contact in contacts])",
        (TESTS + "test_locks.py::TestTogether::test_a_stop_waits_for_the_claim_that_has_the_contact",),
    ),
    Mutant(
        "the commit before the provider is called",
        DELIVERY + "sending/dispatch.py",
        "    tally: Counter[str] = async_to_sync(pipeline.run)()",
        "    from django.db import transaction\n\n"
        "    with transaction.atomic():\n        tally: Counter[str] = async_to_sync(pipeline.run)()",
        (TESTS + "test_pipeline.py::test_the_attempt_is_committed_before_the_provider_hears_of_it",),
    ),
    Mutant(
        "the sending window, looked at when it is claimed",
        DELIVERY + "sending/guards.py",
        "    if facts.opening > now:",
        "    if False:",
        (TESTS + "test_claiming.py::test_quiet_hours_of_the_patients_own_zone_hold_until_the_next_opening",),
    ),
    Mutant(
        "consent, looked at when it is claimed",
        DELIVERY + "sending/guards.py",
        "    if not facts.agreed:",
        "    if False:",
        (TESTS + "test_claiming.py::test_consent_withdrawn_between_opening_and_claim_is_seen",),
    ),
    Mutant(
        "the plan, looked at when it is claimed",
        DELIVERY + "sending/guards.py",
        "    if facts.recalled:",
        "    if False:",
        (TESTS + "test_claimed_visits.py::test_a_visit_moved_between_opening_and_claim_takes_its_reminder_along",),
    ),
    Mutant(
        "usefulness, looked at when it is claimed",
        DELIVERY + "sending/guards.py",
        "    if facts.useful_until <= max(now, facts.opening):",
        "    if False:",
        (TESTS + "test_claiming.py::test_what_quiet_hours_would_hold_past_its_use_expires",),
    ),
    Mutant(
        "how long a claim may wait for its call",
        DELIVERY + "sending/dispatch.py",
        "is_fresh = monotonic() < claimed + waits.FRESH.total_seconds()",
        "is_fresh = True",
        (TESTS + "test_locks.py::test_what_waited_too_long_for_its_turn_is_not_sent",),
    ),
    Mutant(
        "forward only, by the WHERE clause",
        DELIVERY + "transitions.py",
        ", state__in=since)",
        ")",
        (TESTS + "test_transitions.py::test_a_delivery_leaves_only_the_states_that_it_was_told_to_leave",),
        times=2,
    ),
    Mutant(
        "a lost answer is unknown, not failed",
        DELIVERY + "channels/sms.py",
        "return Unknown(type(error).__name__)",
        "return NotProcessed(type(error).__name__, None)",
        (TESTS + "test_pipeline.py::test_a_lost_answer_is_never_blindly_repeated",),
    ),
    Mutant(
        "two empty looks before it is sent once more",
        DELIVERY + "reconcile/decide.py",
        "if looks >= LOOKS and at >= one.started_at + waits.PROVEN_ABSENT:",
        "if looks >= 1:",
        (TESTS + "test_lookups.py::test_one_empty_look_late_is_not_two",),
    ),
    Mutant(
        "only once more",
        DELIVERY + "reconcile/decide.py",
        "row.after_unknown < 1 and row.useful_until > now",
        "row.useful_until > now",
        (TESTS + "test_lookups.py::test_lost_twice_it_is_for_a_person",),
    ),
    Mutant(
        "a callback's message belongs to its attempt",
        DELIVERY + "receipts/callbacks.py",
        "        raise ForeignReport\n    return attempt",
        "        pass\n    return attempt",
        (TESTS + "test_receipts.py::test_a_message_number_of_another_attempt_is_refused",),
    ),
    Mutant(
        "a text of a patient counts once",
        "reminders/replies/inbound.py",
        "    if not new:\n        return None\n",
        "",
        ("tests/replies/test_inbound.py::test_the_same_message_twice_is_one_and_acts_once",),
    ),
    Mutant(
        "the hold after a restore",
        DELIVERY + "sending/claiming.py",
        "    if freeze.in_force() or restore_mark.freeze_if_restored(now):\n        return Claim(0, [])\n",
        "",
        (TESTS + "test_after_restore.py::test_while_it_is_held_nothing_leaves",),
    ),
    Mutant(
        "a restore is told without any tolerance",
        DELIVERY + "safeguards/restore_mark.py",
        "return note.number > _own()",
        "return note.number > _own() + 1",
        (TESTS + "test_restore_mark.py::test_a_restored_database_sends_nothing_twice_however_young_its_back_up_is",),
    ),
    Mutant(
        "our words at another time are doubt, not absence",
        DELIVERY + "matching.py",
        "verdicts[attempt.attempt] = Doubt(other_time=True)",
        "verdicts[attempt.attempt] = None",
        (
            TESTS
            + "test_matching.py::test_the_same_words_at_an_earlier_time_which_nobody_owns_are_doubt_and_never_absence",
        ),
    ),
    Mutant(
        "the contact's lock, in the claim",
        DELIVERY + "sending/load.py",
        ".select_for_update(no_key=True, skip_locked=True).filter(Among(",
        ".filter(Among(",
        (TESTS + "test_locks.py::TestTogether::test_a_claim_leaves_out_whose_contact_a_stop_has",),
    ),
    Mutant(
        "the hold of a contact that may have refused",
        DELIVERY + "sending/guards.py",
        "    if facts.contact_held:",
        "    if False:",
        (TESTS + "test_claiming.py::test_while_a_person_has_to_decide_about_a_contact_its_messages_wait",),
    ),
    Mutant(
        "the breaker's one probe",
        DELIVERY + "safeguards/breaker.py",
        "filter(pk=breaker.pk, closed_at=None, probe_at=breaker.probe_at)",
        "filter(pk=breaker.pk, closed_at=None)",
        (TESTS + "test_breaker.py::test_two_processes_never_let_out_two_probes",),
    ),
]
