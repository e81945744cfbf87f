"""Replies: whose a text is, what it is told at once, and that none is lost or acted on twice."""

from tests.mutants.mutant import Mutant

REPLIES, TESTS = "reminders/replies/", "tests/replies/"
AUTOREPLY, HEARD, SHARED = (
    TESTS + "test_autoreply.py::", TESTS + "test_reconcile.py::", TESTS + "test_shared_phones.py::",
)  # fmt: skip
NAMES = "tests/delivery/test_recipient_names.py::"

MUTANTS = [
    Mutant(
        "a number nobody knows is told nothing about the clinic",
        REPLIES + "autoreply.py",
        "    if not heard.contacts:  # a number nobody knows",
        "    if False:  # a number nobody knows",
        (AUTOREPLY + "test_a_number_nobody_knows_learns_nothing_about_the_clinic",),
    ),
    Mutant(
        "an emergency is answered even after a refusal",
        REPLIES + "autoreply.py",
        "    if level == Level.E:  # even after a refusal",
        "    if level == Level.E and not withdrawn:  # even after a refusal",
        (AUTOREPLY + "test_an_emergency_is_answered_even_after_a_refusal_once_an_hour",),
    ),
    Mutant(
        "two machines do not talk to each other",
        REPLIES + "autoreply.py",
        "        return before.filter(intent=Intent.HELP).exists()",
        "        return False",
        (AUTOREPLY + "test_two_machines_do_not_talk_to_each_other",),
    ),
    Mutant(
        "a phone is answered once an hour",
        REPLIES + "autoreply.py",
        "return (before.filter(is_urgent=True) if level else before).exists()",
        "return False",
        (AUTOREPLY + "test_own_words_are_answered_once_an_hour_and_never_to_a_stranger_or_after_a_refusal",),
    ),
    Mutant(
        "after a refusal nothing but help and an emergency is answered",
        REPLIES + "autoreply.py",
        "    if heard.had_refused:  # nothing else is answered then",
        "    if False:  # nothing else is answered then",
        (AUTOREPLY + "test_a_refusal_in_other_words_is_confirmed_once_and_then_there_is_silence",),
    ),
    Mutant(
        "what the provider answers itself is not answered twice",
        REPLIES + "autoreply.py",
        "    if by_provider:\n        return None\n",
        "",
        (AUTOREPLY + "test_what_the_provider_answers_itself_is_not_answered_twice",),
    ),
    Mutant(
        "while nobody is there, that is said",
        REPLIES + "autoreply.py",
        "    if kind in BY_DAY and not staffed_hours.is_staffed(reply.received_at, hours):",
        "    if False:",
        (AUTOREPLY + "test_whether_somebody_is_there_decides_the_words_of_a_calmer_sign",),
    ),
    Mutant(
        "no other answer costs that to a sign",
        REPLIES + "autoreply.py",
        "return (before.filter(is_urgent=True) if level else before).exists()",
        "return before.exists()",
        (AUTOREPLY + "test_a_safety_answer_comes_although_another_was_given_but_once",),
    ),
    Mutant(
        "the provider's own STOP counts",
        REPLIES + "parsing/utterance.py",
        "intent=KEYWORDS.get(opt_out_type, said.intent)",
        "intent=said.intent",
        (TESTS + "test_inbound.py::test_the_providers_own_keyword_counts_as_stop",),
    ),
    Mutant(
        "a pain that is high must not wait",
        REPLIES + "parsing/utterance.py",
        "urgent=bool(found.signs) or is_high",
        "urgent=bool(found.signs)",
        (TESTS + "test_scores.py::test_a_high_one_must_not_wait_and_is_there_exactly_once",),
    ),
    Mutant(
        "a bare yes answers a visit's text only while that was said last",
        REPLIES + "checkins/open_questions.py",
        "return VisitAsked.LAST if is_last else VisitAsked.LATELY",
        "return VisitAsked.LAST",
        (TESTS + "test_visit_answers.py::test_a_bare_yes_to_something_else_that_was_said_since_is_for_a_person",),
    ),
    Mutant(
        "only two outcomes close a call",
        "reminders/calls.py",
        "    if attempt.closes:\n        attempt.messages",
        "    if True:\n        attempt.messages",
        ("tests/staff/test_board_call_actions.py::test_a_call_list_worked_over_two_days",),
    ),
    Mutant(
        "initials say whose answer it is",
        REPLIES + "interpret.py",
        "if said.patient in (None, contact.patient_id)]",
        "]",
        (SHARED + "test_initials_say_whose_answer_it_is_and_the_next_question_names_them",),
    ),
    Mutant(
        "whoever shares a phone is named",
        "patients/shared_contacts.py",
        "rows = with_address(wanted).filter(Exists(plans), patient__status=PatientStatus.ACTIVE)",
        "rows = with_address(wanted).none()",
        (NAMES + "test_two_patients_on_one_phone_are_named_by_their_initials",),
    ),
    Mutant(
        "a contact that has ended shares nothing",
        "patients/shared_contacts.py",
        "Contact.objects.filter(site__in={site for site, _ in wanted}, ended_at=None)",
        "Contact.objects.filter(site__in={site for site, _ in wanted})",
        (NAMES + "test_a_contact_that_has_ended_shares_nothing",),
    ),
    Mutant(
        "whom initials cannot tell apart a person calls",
        "patients/initials.py",
        '        if len(told) == len(named) and not told & {"", *IS_A_WORD}:',
        "        if True:",
        ("tests/patients/test_initials.py::test_who_cannot_be_told_apart_gets_no_tag",),
    ),
    Mutant(
        "the oldest of what was found late is heard first",
        REPLIES + "reconcile.py",
        "for one in sorted(came, key=_moment):",
        "for one in came:",
        (HEARD + "test_the_oldest_is_heard_first",),
    ),
    Mutant(
        "what could not be asked for is asked for again",
        REPLIES + "reconcile.py",
        "        if listed is None:  # it could not be asked: the watermark stays\n",
        "        listed = listed or []\n        if False:\n",
        (HEARD + "test_the_watermark_stays_where_the_list_could_not_be_had",),
    ),
    Mutant(
        "what could not be stored is read again",
        REPLIES + "reconcile.py",
        "            heard_until = _moment(one)\n            break\n",
        "",
        (HEARD + "test_what_could_not_be_stored_is_read_again_and_nothing_after_it_is_passed_over",),
    ),
    Mutant(
        "texts nobody has read are told of",
        REPLIES + "alerts/unread.py",
        "    if not number:\n",
        "    if True:\n",
        (TESTS + "test_unread.py::test_a_text_waits_for_the_end_of_the_next_staffed_day_and_is_then_told_of",),
    ),
]
