"""One plan is changed: what would become of it is shown first, then done at the revision it was shown at."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinic.staff import formats
from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.record.changes import ChangeLine, Group, groups, sentence, titles_of
from clinic.staff.record.plan_forms import ACTS, ONE_MESSAGE, ONLY_SKIP, Act, Undo
from clinic.staff.record.views import own_surgery, refuse, show
from patients import clock
from patients.models import Contact, StaffMember, Surgery
from patients.models.contact import Relationship
from reminders.delivery.sending import outlook
from reminders.plan import moved_check_ups, visit_calls
from reminders.plan.change_words import Names, told
from reminders.plan.models import Reminder
from reminders.plan.reasons import SENTENCES
from reminders.plan.row_diff import Changes
from reminders.plan.values import ChangeKind
from reminders.plan.visit_notices import is_notice
from reminders.plan_changes import Decided, PlanMovedOn, rehearse

BENDING = {ChangeKind.HOLD, ChangeKind.PACE, ChangeKind.SHIFT}
STAYS = "Check-ins, warnings and visits keep their days: put one off by hand where it must wait."
Windows = dict[int, tuple[str, date, date]]


@dataclass(frozen=True, slots=True)
class ChangePreview:
    what: str
    sentence: str
    groups: list[Group]
    revision: int
    stays: str = ""  # what this act does not move
    unreached: tuple[str, ...] = ()  # to which of the patient's own contacts nothing leaves, and why
    warnings: tuple[str, ...] = ()  # to be read before it is saved


@staff_page
@require_POST
def act(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Without the revision it was shown at it is only shown: nothing is done that nobody has looked at."""
    surgery, now = own_surgery(request.user, pk), clock.now()
    form = _form(verb, surgery, request, now)
    seen = request.POST.get("revision", "")
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        if not is_revision(seen):
            return _shown(request, form, preview=_preview(form, by=request.user, now=now))
        form.do(by=request.user, now=now, revision=int(seen))
    except PlanMovedOn as moved:
        form.add_error(None, moved.messages)
        return _shown(request, form, status=409)
    except ValidationError as error:
        refuse(form, error)
        return _shown(request, form, status=422)
    except PermissionDenied as denied:
        messages.error(request, str(denied))
        return show(request, own_surgery(request.user, pk), status=403)
    messages.success(request, form.done)
    return redirect("staff:record", pk=pk)


@staff_page
@require_safe
def message(request: StaffRequest, pk: int) -> HttpResponse:
    """What can be done with one message: a part for htmx, a page of its own without scripts."""
    reminder = get_object_or_404(Reminder.objects.for_staff(request.user).with_patient(), pk=pk)
    surgery = own_surgery(request.user, reminder.surgery_id)
    today = surgery.site.today(clock.now())
    kinds = ONLY_SKIP if is_notice(reminder.step_code) else ONE_MESSAGE
    forms = [form(surgery=surgery, today=today, about=pk) for form in kinds]
    heading = f"{reminder.title}, {formats.moment(reminder.due_at, surgery.patient.zone)}"
    context: dict[str, Any] = {"surgery": surgery, "acts": forms, "heading": heading}
    if request.htmx:
        return render(request, "staff/record/message.html", context)
    return page(request, "staff/record/message_page.html", title=str(surgery.patient), **context)


def _form(verb: str, surgery: Surgery, request: StaffRequest, now: datetime) -> Act:
    if verb not in ACTS:
        raise Http404("A plan can be held, released, moved or paced, and its messages skipped, postponed or replaced.")
    about = request.POST.get("about", "")
    number = int(about) if about.isdecimal() else None
    return ACTS[verb](request.POST, surgery=surgery, today=surgery.site.today(now), about=number)


def is_revision(seen: str) -> bool:
    return seen.isascii() and seen.isdecimal() and len(seen) < 10


def _shown(
    request: StaffRequest, form: Act, *, status: int = 200, preview: ChangePreview | None = None
) -> HttpResponse:
    """Always with what was typed. A part is swapped in whatever was wrong, so it is never an error to htmx."""
    context: dict[str, Any] = {"surgery": form.surgery, "form": form, "preview": preview}
    if request.htmx:
        return render(request, "staff/record/preview.html", context)
    title = f"{form.title}: {form.surgery.patient}"
    return page(request, "staff/record/plan_form_page.html", title=title, status=status, **context)


def _preview(form: Act, *, by: StaffMember, now: datetime) -> ChangePreview:
    """The very act, done and taken back."""
    surgery, revision = form.surgery, form.surgery.care_plan.revision
    before = windows(surgery)

    def acted() -> tuple[Decided, list[Group], str, tuple[str, ...]]:
        decided = form.do(by=by, now=now, revision=revision)
        found = told_groups(surgery, decided.changes, before)
        rows = surgery.check_ups.select_related("site").order_by("window_opens", "pk")
        warnings = moved_check_ups.warnings(decided.change, surgery.care_plan.version, rows)
        warnings += visit_calls.called_instead(decided.changes)
        return decided, found, told(decided.change, Names.of_plan(surgery, surgery.care_plan.version)), warnings

    decided, found, what, warnings = rehearse(acted)
    title = f"Taken back: {what}" if isinstance(form, Undo) else what
    stands = stays(decided.change.kind)
    return ChangePreview(title, sentence(found), found, revision, stands, unreached(surgery, now), warnings)


def told_groups(surgery: Surgery, changes: Changes, before: Windows) -> list[Group]:
    """What becomes of messages and check-ups. Call it while the act is done, before it is taken back."""
    found = groups(changes, titles_of(changes), surgery.patient.zone)
    return found + _moved_windows(before, windows(surgery))


def unreached(surgery: Surgery, now: datetime) -> tuple[str, ...]:
    """A preview that lists messages must not promise those that will not leave."""
    used = Contact.objects.for_site(surgery.patient.site).with_consent().filter(ended_at=None)
    own = list(used.filter(patient=surgery.patient, relationship=Relationship.SELF).order_by("pk"))
    why = outlook.blocked(own, surgery.site, now)
    said = ((one.get_channel_display(), SENTENCES[why[one.pk]]) for one in own if one.pk in why)
    return tuple(f"{channel} to the patient: {sentence}" for channel, sentence in said)


def stays(kind: str) -> str:
    """What this kind of decision does not move; empty where it moves all alike."""
    return STAYS if kind in BENDING else ""


def windows(surgery: Surgery) -> Windows:
    rows = surgery.check_ups.exclude(state__in=["not_needed", "cancelled"])
    return {row.pk: (row.title, row.window_opens, row.window_closes) for row in rows}


def _moved_windows(before: Windows, after: Windows) -> list[Group]:
    moved = [pk for pk, was in before.items() if pk in after and after[pk] != was]
    lines = [ChangeLine(before[pk][0], _span(before[pk]), _span(after[pk])) for pk in moved]
    number = len(lines)
    heading = f"{formats.count(number, 'check-up')} {'moves' if number == 1 else 'move'}; booked visits keep their time"
    return [Group(heading, lines)] if lines else []


def _span(window: tuple[str, date, date]) -> str:
    return f"{formats.day(window[1])} to {formats.day(window[2])}"
