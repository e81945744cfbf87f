"""Sites: opened by a manager (or by the very first superuser), changed by the site's own managers."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from unfold.decorators import display

from patients import clock, closed_days
from patients.admin import ScopedInline, SiteScopedAdmin
from patients.admin.scoped import roles_held
from patients.models import ClosedDay, Membership, Site
from patients.models.staff import Role
from reminders import actions
from reminders.admin.alerts import AlertRuleInline, SiteSignInline
from reminders.admin.closed_days_form import days_by_hand
from reminders.admin.json_fields import TagsField, WeekdaysField
from reminders.admin.pace import PaceRuleInline
from reminders.admin.site_form import SiteForm
from reminders.delivery.models import Sender
from reminders.plan.models import DefaultProtocol, Protocol

WHEN_IT_SPEAKS = ["time_zone", "country", "languages", "languages_anyway", "send_from", "send_until", "mode"]
HOLIDAYS = ["region", "holiday_kinds", "close_from", "close_until", "close_name", "days_anyway"]
OF_A_NEW_SITE = ["region"]


class ClosedDayInline(ScopedInline):
    """From today on: what is past is kept, and not asked about."""

    model = ClosedDay
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(date__gte=clock.now().date() - timedelta(days=1))


class SenderInline(ScopedInline):
    model = Sender
    tab = True
    verbose_name_plural = "senders"


class StartFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Offers the protocols of this site only."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "protocol" in form.fields:
            form.fields["protocol"].queryset = Protocol.objects.for_site(self.instance)


class StartInline(ScopedInline):
    model = DefaultProtocol
    formset = StartFormSet
    fields = ["procedure", "protocol"]
    ordering = ["procedure__family", "procedure__name"]
    tab = True
    verbose_name = "default protocol"
    verbose_name_plural = "default protocols"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("procedure", "protocol")


@admin.register(Site)
class SiteAdmin(SiteScopedAdmin):
    form = SiteForm
    add_roles = change_roles = frozenset([Role.MANAGER])
    list_display = ["name", "code", "time_zone", "phone", "hours", "mode"]
    search_fields = ["name", "code"]
    inlines = [ClosedDayInline, SenderInline, StartInline, AlertRuleInline, SiteSignInline, PaceRuleInline]
    fieldsets = [
        (None, {"fields": ["name", "code", "short_name", "phone", "address", "emergency_number"]}),
        ("Sending hours and languages", {"fields": WHEN_IT_SPEAKS}),
        ("Holidays and closures", {"fields": HOLIDAYS}),
        ("Staffed hours", {"fields": ["staffed_from", "staffed_until", "staffed_weekdays"]}),
        ("Visits", {"fields": ["visits_open", "visits_close", "visit_minutes", "visits_at_once"]}),
        ("Patients", {"fields": ["treats_minors"]}),
        ("Lost messages and opt-outs", {"fields": ["when_unknown", "stop_covers_all"]}),
        ("Limits per patient", {"fields": ["messages_a_day", "messages_a_week"]}),
        ("Limits on texts", {"fields": ["texts_a_day", "texts_a_week", "daily_cap", "text_countries"]}),
        ("Price of a text", {"fields": ["part_price", "price_currency"]}),
    ]

    def site_of(self, obj: Site) -> Site:
        return obj

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or self.is_founder(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or (obj is None and self.is_founder(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) or self.is_founder(request)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new site closes on its country's holidays by itself; more days are added once it is open."""
        return self.inlines if obj else [SenderInline]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new site has no days yet that could change: it begins with the public holidays of its region."""
        found = super().get_fieldsets(request, obj)
        return found if obj else [(name, _first(options)) for name, options in found]

    def is_founder(self, request: HttpRequest) -> bool:
        """A superuser who belongs nowhere yet: somebody has to open the first site."""
        user: Any = request.user
        return bool(user.is_active and user.is_superuser and not roles_held(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "languages":
            words = "The clinic's own first, such as en, es."
            return TagsField(initial=db_field.default, help_text=words, validators=db_field.validators)
        if db_field.name == "text_countries":
            words = "Such as US, CA. Empty: the site's own country. Numbers of other countries are not texted."
            return TagsField(required=False, help_text=words, validators=db_field.validators, label="Texts go to")
        if db_field.name == "staffed_weekdays":
            return WeekdaysField(initial=db_field.default, required=False, label="Staffed weekdays")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="sends between")
    def hours(self, site: Site) -> str:
        return f"{site.send_from:%H:%M} and {site.send_until:%H:%M}"

    def save_model(self, request: HttpRequest, obj: Site, form: Any, change: bool) -> None:
        by: Any = request.user
        if not change:
            actions.open_site(obj, by=by, now=clock.now())
            Membership.objects.create(staff=by, site=obj, role=Role.MANAGER)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is ClosedDay:
            closed_days.note_by_hand(form.instance, **days_by_hand(formset))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After the closed days are saved: plans follow hours, zone and closed days."""
        super().save_related(request, form, formsets, change)
        if change:
            form.apply_days(by=request.user)
        names = [
            *(name for name in form.changed_data if not name.endswith("_anyway")),
            *(f.model._meta.model_name for f in formsets if f.has_changed()),
        ]
        if change and names:
            by: Any = request.user
            actions.change_site(form.instance, by=by, now=clock.now(), changed=names)


def _first(options: Any) -> Any:
    fields = [name for name in options["fields"] if name not in HOLIDAYS or name in OF_A_NEW_SITE]
    return options | {"fields": fields}
