"""Alerts: one for each episode, told to those who work there, answered in time, closed by a person."""

from tests.mutants.mutant import Mutant

ALERTS, TESTS = "reminders/replies/alerts/", "tests/replies/"
RAISING, HANDLING, TOLD = (
    TESTS + "test_alert_raising.py::", TESTS + "test_alert_handling.py::", TESTS + "test_alert_notifications.py::",
)  # fmt: skip
LATE = TESTS + "test_alert_escalation.py::"

MUTANTS = [
    Mutant(
        "nobody who left is mailed of an alert",
        ALERTS + "notifications.py",
        "StaffMember.objects.filter(is_active=True, memberships__site=site)",
        "StaffMember.objects.filter(memberships__site=site)",
        (TOLD + "test_who_left_is_not_told_and_others_are", LATE + "test_who_left_is_not_told_of_one_that_waits"),
    ),
    Mutant(
        "who took an alert and works elsewhere by now is not mailed",
        ALERTS + "notifications.py",
        "StaffMember.objects.filter(is_active=True, memberships__site=site)",
        "StaffMember.objects.filter(is_active=True)",
        (LATE + "test_who_took_it_and_works_elsewhere_by_now_is_not_told",),
    ),
    Mutant(
        "an alert is mailed to those whose it is",
        ALERTS + "notifications.py",
        "return here.filter(Q(memberships__site=site, memberships__role__in=roles) | Q(pk__in=owners)).distinct()",
        "return here.distinct()",
        (TOLD + "test_who_owns_it_is_told_at_once_and_once[E]",),
    ),
    Mutant(
        "where nobody of a role has an address the managers are mailed",
        ALERTS + "notifications.py",
        "return first if first.exists() else people(alert.site, [], Role.MANAGER)",
        "return first",
        (TOLD + "test_where_nobody_of_the_role_has_an_address_the_managers_are_told",),
    ),
    Mutant(
        "a mail that the server refused is tried again",
        ALERTS + "notifications.py",
        "        if not mail(alert.site, whose(alert), _news(alert), now=now):\n            break\n",
        "        mail(alert.site, whose(alert), _news(alert), now=now)\n",
        (TOLD + "test_a_mail_server_that_fails_is_tried_again_and_raises_an_alarm",),
    ),
    Mutant(
        "what gets worse while a mail leaves is mailed too",
        ALERTS + "notifications.py",
        "this.filter(tellings=alert.tellings).update(tell_at=None)",
        "this.update(tell_at=None)",
        (TOLD + "test_news_that_comes_while_one_is_mailed_is_not_lost",),
    ),
    Mutant(
        "no mail leaves where messages stay in the outbox",
        ALERTS + "notifications.py",
        '    if settings.MESSAGES != "live":',
        "    if False:",
        (TOLD + "test_where_messages_stay_in_the_outbox_no_mail_leaves_then_or_later",),
    ),
    Mutant(
        "no rule of a clinic makes an emergency wait for the morning",
        ALERTS + "raising.py",
        "rule.staffed_only and level != Level.E)",
        "rule.staffed_only)",
        (RAISING + "test_no_rule_makes_an_emergency_wait_until_somebody_is_there",),
    ),
    Mutant(
        "a call of the same day is made that day",
        ALERTS + "raising.py",
        "return min(by, staffed_hours.closing(now, hours)) if level == Level.D else by",
        "return by",
        (RAISING + "test_every_class_has_an_owner_and_a_moment",),
    ),
    Mutant(
        "an emergency makes nothing less late",
        ALERTS + "raising.py",
        'min(alert.answer_by, due["answer_by"])',
        'due["answer_by"]',
        (RAISING + "test_an_emergency_makes_nothing_less_late",),
    ),
    Mutant(
        "a calmer text lowers nothing",
        ALERTS + "raising.py",
        "is_worse = heard.level == Level.E and alert.level != Level.E",
        "is_worse = heard.level != alert.level",
        (RAISING + "test_a_calmer_text_lowers_nothing",),
    ),
    Mutant(
        "who took the calmer alert takes the emergency anew",
        ALERTS + "raising.py",
        'changed |= {"taken_at": None, "escalated_at": None, "escalations": 0}',
        'changed |= {"escalated_at": None, "escalations": 0}',
        (RAISING + "test_an_emergency_raises_what_was_open_its_time_and_its_owner_and_staff_are_told_again",),
    ),
    Mutant(
        "what comes after an alert was closed is a new one",
        ALERTS + "raising.py",
        "Alert.objects.for_site(heard.site).open().filter(theirs,",
        "Alert.objects.for_site(heard.site).filter(theirs,",
        (RAISING + "test_after_it_was_closed_a_new_one_begins",),
    ),
    Mutant(
        "another patient's alert is its own",
        ALERTS + "raising.py",
        "theirs = Q(surgery__patient=heard.patient) | Q(contact__patient=heard.patient)",
        "theirs = Q(surgery__isnull=False)",
        (RAISING + "test_another_patients_is_its_own_and_so_is_one_at_another_site",),
    ),
    Mutant(
        "an alert is late at its moment, while nobody has closed it",
        "reminders/replies/models/alert.py",
        "return self.open().filter(answer_by__lte=now)",
        "return self.filter(answer_by__lte=now)",
        (LATE + "test_one_that_was_closed_is_not_told_of",),
    ),
    Mutant(
        "a late emergency calls the pager",
        ALERTS + "escalation.py",
        "urgent = late.filter(level=Level.E).exists()",
        "urgent = False",
        (LATE + "test_a_late_emergency_calls_the_pager_and_a_late_other_one_is_reported",),
    ),
    Mutant(
        "a stranger handles no alert",
        ALERTS + "handling.py",
        "    if not by.is_at(alert.site):",
        "    if False:",
        (HANDLING + "test_owner_and_colleague_take_it_and_a_stranger_does_not",),
    ),
    Mutant(
        "an alert is handed to somebody of its site",
        ALERTS + "handling.py",
        "        if not to.is_at(alert.site):",
        "        if False:",
        (HANDLING + "test_it_is_not_handed_to_nobody",),
    ),
    Mutant(
        "the second of two who close an alert is told",
        ALERTS + "handling.py",
        "    if alert.closed_at:",
        "    if False:",
        (HANDLING + "test_who_comes_second_is_told_who_was_first",),
    ),
    Mutant(
        "whoever could not be reached is closed with what was tried",
        ALERTS + "handling.py",
        "in TO_BE_EXPLAINED and not note:",
        "in TO_BE_EXPLAINED and False:",
        (HANDLING + "test_without_a_proper_outcome_it_stays_open",),
    ),
    Mutant(
        "a text that may be a refusal stays to be decided when its alert is closed",
        ALERTS + "handling.py",
        ".exclude(intent=Intent.REFUSAL):",
        ":",
        (HANDLING + "test_a_text_that_waits_for_a_decision_stays_in_the_inbox",),
    ),
    Mutant(
        "nobody who left is offered an alert",
        "clinic/staff/alerts/views.py",
        "colleagues = StaffMember.objects.filter(is_active=True, memberships__site=alert.site)",
        "colleagues = StaffMember.objects.filter(memberships__site=alert.site)",
        ("tests/staff/test_alerts.py::test_it_is_offered_to_nobody_who_left_nor_works_elsewhere",),
    ),
]
