"""Admin lists of reminders, replies and alerts: read-only, as only the plan and the actions change them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from patients.admin import SiteScopedAdmin, local
from patients.admin.patient_search import FoundByPatient
from patients.admin.scoped import ReadOnlyInline, link
from patients.admin.surgeries import OwnRelated
from reminders.delivery.models import Delivery
from reminders.delivery.timeline import story_of
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus as Status
from reminders.replies.models import Alert, Reply
from reminders.replies.parsing import redflags

TONES = {
    Status.PLANNED.label: "info",
    Status.IN_PROGRESS.label: "warning",
    Status.DONE.label: "success",
    Status.UNCONFIRMED.label: "warning",
    Status.FAILED.label: "danger",
    Status.SUPPRESSED.label: "danger",
    Status.EXPIRED.label: "danger",
}


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = readonly_fields = [
        "contact",
        "channel",
        "how",
        "why",
        "attempt_count",
        "settled",
        "steps",
        "subject",
        "text",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        mine = Delivery.objects.for_staff(request.user)  # type: ignore[arg-type]
        return mine.select_related("contact", "site", "reminder__surgery__patient__site").prefetch_related(
            "transitions"
        )

    @display(description="how it went")
    def how(self, delivery: Delivery) -> str:
        return delivery.get_state_display()

    @display(description="why")
    def why(self, delivery: Delivery) -> str:
        return delivery.why

    @display(description="history")
    def steps(self, delivery: Delivery) -> str:
        zone = delivery.reminder.surgery.patient.zone
        lines = [(local(line.at, zone), line.sentence) for line in story_of(delivery, zone=zone)]
        return format_html_join(mark_safe("<br>"), "{}: {}", lines)

    @display(description="settled")
    def settled(self, delivery: Delivery) -> str:
        return local(delivery.settled_at, delivery.site.zone)


@admin.register(Reminder)
class ReminderAdmin(FoundByPatient, SiteScopedAdmin):
    list_display = ["due", "patient", "step", "kind", "how", "why", "site"]
    list_select_related = ["site", "step", "surgery__patient__site"]
    list_filter = [
        ("site", OwnRelated),
        ("status", ChoicesDropdownFilter),
        ("step__kind", ChoicesDropdownFilter),
        ("due_at", RangeDateTimeFilter),
    ]
    search_fields = ["step__title"]
    found_by_patient = "surgery__patient"
    search_help_text = "Patient's name, number, phone or date of birth, or the message"
    fields = readonly_fields = ["patient", "step", "kind", "due", "until", "how", "why", "site"]
    inlines = [DeliveryInline]

    @display(description="due (patient's time)", ordering="due_at")
    def due(self, reminder: Reminder) -> str:
        return local(reminder.due_at, reminder.surgery.patient.zone)

    @display(description="useful until")
    def until(self, reminder: Reminder) -> str:
        return local(reminder.useful_until, reminder.surgery.patient.zone)

    @display(description="patient", ordering="surgery__patient__family_name")
    def patient(self, reminder: Reminder) -> str:
        return link(reverse("staff:record", args=[reminder.surgery_id]), reminder.surgery.patient)

    @display(description="kind", ordering="step__kind")
    def kind(self, reminder: Reminder) -> str:
        return reminder.step.get_kind_display()

    @display(description="how it went", ordering="status", label=TONES)
    def how(self, reminder: Reminder) -> str:
        return reminder.get_status_display()

    @display(description="why")
    def why(self, reminder: Reminder) -> str:
        return reminder.why


class Handled(admin.SimpleListFilter):
    title, parameter_name = "dealt with", "handled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "to read"), ("yes", "dealt with")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reply]) -> QuerySet[Reply]:
        if self.value() is None:
            return queryset
        return queryset.filter(handled_at__isnull=self.value() == "no")


@admin.register(Reply)
class ReplyAdmin(FoundByPatient, SiteScopedAdmin):
    list_display = ["received", "patient", "text", "intent", "effect", "handled", "site"]
    list_select_related = ["site", "contact__patient", "handled_by"]
    list_filter = [
        ("site", OwnRelated),
        ("intent", ChoicesDropdownFilter),
        Handled,
        ("received_at", RangeDateTimeFilter),
    ]
    search_fields = ["text", "from_address"]
    found_by_patient = "contact__patient"
    fields = readonly_fields = [
        "received", "patient", "from_address", "to_address", "text", "intent", "effect", "handled", "site",
    ]  # fmt: skip

    @display(description="received", ordering="received_at")
    def received(self, reply: Reply) -> str:
        return local(reply.received_at, reply.site.zone) if reply.site else f"{reply.received_at:%c}"

    @display(description="patient")
    def patient(self, reply: Reply) -> str:
        return str(reply.contact.patient) if reply.contact else "unknown number"

    @display(description="dealt with")
    def handled(self, reply: Reply) -> str:
        if not reply.handled_at or not reply.site:
            return "to read"
        return f"{reply.handled_by or 'by itself'}, {local(reply.handled_at, reply.site.zone)}"


class ClosedFilter(admin.SimpleListFilter):
    title, parameter_name = "closed", "closed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "open"), ("yes", "closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() is None:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "no")


@admin.register(Alert)
class AlertAdmin(SiteScopedAdmin):
    """To look back; what can be done about one is on its own page."""

    list_display = ["raised", "level", "patient", "what", "whose", "answer", "came_of_it", "site"]
    list_select_related = ["site", "surgery__patient", "contact__patient", "owner"]
    list_filter = [
        ("site", OwnRelated),
        ("level", ChoicesDropdownFilter),
        ClosedFilter,
        ("raised_at", RangeDateTimeFilter),
    ]
    fields = readonly_fields = [
        "raised", "level", "patient", "what", "whose", "answer", "escalations", "came_of_it", "outcome_note", "site",
    ]  # fmt: skip
    ordering = ["-raised_at", "-pk"]

    @display(description="raised", ordering="raised_at")
    def raised(self, alert: Alert) -> str:
        return local(alert.raised_at, alert.site.zone)

    @display(description="patient")
    def patient(self, alert: Alert) -> str:
        who = alert.surgery.patient if alert.surgery else alert.contact.patient if alert.contact else "unknown number"
        return link(reverse("staff:alert", args=[alert.pk]), who)

    @display(description="warning signs")
    def what(self, alert: Alert) -> str:
        return ", ".join(redflags.name(sign) for sign in alert.signs)

    @display(description="whose")
    def whose(self, alert: Alert) -> str:
        return str(alert.owner or alert.owner_role)

    @display(description="answer by", ordering="answer_by")
    def answer(self, alert: Alert) -> str:
        return local(alert.answer_by, alert.site.zone)

    @display(description="outcome", ordering="outcome")
    def came_of_it(self, alert: Alert) -> str:
        return alert.get_outcome_display() if alert.closed_at else "open"
