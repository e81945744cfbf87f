"""The guards, each as a change to the code that takes it out, and the tests that must notice."""

from dataclasses import dataclass

CLAIMS = "tests/delivery/test_claiming.py"
LOCKS = "tests/delivery/test_locks.py"
AT_ONCE = "tests/replies/test_at_the_same_instant.py"
PIPELINE = "tests/delivery/test_pipeline.py"
WEBHOOKS = "tests/delivery/test_webhooks.py"
RECEIPTS = "tests/delivery/test_receipts.py"
SEEKING = "tests/delivery/test_seeking.py"
DELIVERY = "reminders/delivery/"


@dataclass(frozen=True, slots=True)
class Mutant:
    """Each `old` must stand exactly once in `file`: a guard that was rewritten needs its entry rewritten too."""

    guard: str
    file: str
    changes: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


def out(guard: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(guard, file, ((old, new),), tests)


MUTANTS = [
    # Sent once
    out(
        "a claim takes only what is queued",
        DELIVERY + "models/delivery.py",
        "self.filter(state=State.QUEUED, not_before__lte=now)",
        "self.filter(not_before__lte=now)",
        CLAIMS,
    ),
    out(
        "a claim locks its rows",
        DELIVERY + "claiming.py",
        ".select_for_update(skip_locked=True).order_by(*CLINICAL_ORDER)",
        ".order_by(*CLINICAL_ORDER)",
        AT_ONCE,
    ),
    Mutant(
        "one delivery for a reminder and contact",
        "reminders/migrations/0001_initial.py",
        (('fields=("reminder", "contact"), name="one_delivery', 'fields=("id",), name="one_delivery'),),
        ("tests/plan/test_constraints.py", "tests/delivery/test_opening.py", AT_ONCE),
    ),
    Mutant(
        "one reminder for a step and occurrence",
        "reminders/migrations/0001_initial.py",
        (('fields=("surgery", "step_code", "occurrence")', 'fields=("id",)'),),
        ("tests/plan/test_constraints.py",),
    ),
    Mutant(
        "the attempt is committed before the request",
        DELIVERY + "dispatch.py",
        (
            (
                "    tally: Counter[str] = async_to_sync(pipeline.run)()\n",
                "    from django.db import transaction\n\n    with transaction.atomic():\n"
                "        tally: Counter[str] = async_to_sync(pipeline.run)()\n",
            ),
        ),
        (PIPELINE,),
    ),
    out(
        "a lost answer is sent again once at most",
        DELIVERY + "verdicts.py",
        "row.after_unknown < 1",
        "True",
        SEEKING,
    ),
    out(
        "a lost answer waits until its absence is proven",
        DELIVERY + "verdicts.py",
        "looks >= LOOKS and at >= one.started_at + waits.PROVEN_ABSENT",
        "True",
        SEEKING,
    ),
    # Never after STOP
    out("consent is looked at again in the claim", DELIVERY + "guards.py", "if not facts.agreed:", "if False:", CLAIMS),
    Mutant(
        "a STOP and a claim take the same lock",
        DELIVERY + "claiming.py",
        ((".select_for_update(no_key=True, skip_locked=True).filter(pk__in=wanted)", ".filter(pk__in=wanted)"),),
        (LOCKS,),
    ),
    out("a contact under decision is held", DELIVERY + "guards.py", "if facts.contact_held:", "if False:", CLAIMS),
    # Only in its hours, only while it may
    out(
        "the window is looked at again in the claim",
        DELIVERY + "guards.py",
        "if facts.opening > now:",
        "if False:",
        CLAIMS,
    ),
    out(
        "what is of no use any more expires",
        DELIVERY + "guards.py",
        "if facts.useful_until <= max(now, facts.opening):",
        "if False:",
        CLAIMS,
    ),
    out(
        "nothing leaves while the house is frozen",
        DELIVERY + "claiming.py",
        "if freeze.in_force():",
        "if False:",
        "tests/delivery/test_turns.py",
    ),
    Mutant(
        "an open breaker holds what is behind it",
        DELIVERY + "breaker.py",
        (("    if breaker.probe_at > now:\n        return False\n", ""),),
        ("tests/delivery/test_breaker.py", "tests/delivery/test_turns.py"),
    ),
    out(
        "two processes never probe at once",
        DELIVERY + "breaker.py",
        "filter(pk=breaker.pk, closed_at=None, probe_at=breaker.probe_at)",
        "filter(pk=breaker.pk, closed_at=None)",
        "tests/delivery/test_breaker.py",
        "tests/delivery/test_turns.py",
    ),
    # Forward only, from the right sender
    Mutant(
        "a state moves forward only, by the WHERE clause",
        DELIVERY + "moving.py",
        (
            (".filter(pk__in=set(deliveries), state__in=since)", ".filter(pk__in=set(deliveries))"),
            (
                ".filter(pk__in=[pk for pk, _, _ in found], state__in=since)",
                ".filter(pk__in=[pk for pk, _, _ in found])",
            ),
        ),
        (LOCKS,),
    ),
    out(
        "a number belongs to one attempt",
        DELIVERY + "receipts.py",
        "if (mine and mine != report.provider_id) or",
        "if False or",
        RECEIPTS,
        WEBHOOKS,
    ),
    out(
        "a callback is signed",
        "clinic/webhooks.py",
        "if not sms.is_from_twilio(",
        "if False and not sms.is_from_twilio(",
        WEBHOOKS,
    ),
    out(
        "a text acts once",
        "reminders/replies/inbound.py",
        "    if not new:\n",
        "    if False:\n",
        "tests/replies/test_inbound.py",
    ),
]
