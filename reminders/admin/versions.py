"""One version of a protocol: edited while it is a draft, signed by a surgeon, read-only for ever after."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from patients import audit, clock
from patients.admin import ScopedInline, SiteScopedAdmin, local
from patients.admin.scoped import ReadOnlyInline, link
from patients.models import Site
from patients.models.staff import Role
from reminders.admin.fields import PerLanguage
from reminders.admin.protocols import CLINICAL
from reminders.plan import signing
from reminders.plan.models import CheckUpDefinition, Phase, ProtocolVersion, Step

WORDS, LINES = {"title"}, {"do", "avoid"}


def in_languages(value: Any) -> str:
    """A word per language as rows, for reading."""
    known = value if isinstance(value, dict) else {}
    rows = [(tag, " ".join(said) if isinstance(said, list) else said) for tag, said in known.items() if said]
    return format_html_join("", "<div><b>{}</b> {}</div>", rows) or "-"


class PartInline(ScopedInline):
    """Words are asked for per language while this is a draft, and shown per language afterwards."""

    spoken: list[str] = []

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        self_languages = obj.protocol.site.languages if obj else ["en"]
        request.part_languages = self_languages  # type: ignore[attr-defined]
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(self.fields or [])
        return fields if self._may_change(request, obj) else [f"{f}_read" if f in self.spoken else f for f in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if self._may_change(request, obj) else [f"{name}_read" for name in self.spoken]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        languages = getattr(request, "part_languages", ["en"])
        if db_field.name in WORDS:
            return PerLanguage(languages=languages, label="Title")
        if db_field.name in LINES:
            return PerLanguage(languages=languages, lines=True, required=False, help_text="A line each.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="title")
    def title_read(self, part: Any) -> str:
        return in_languages(part.title)

    @display(description="do")
    def do_read(self, part: Any) -> str:
        return in_languages(part.do)

    @display(description="avoid")
    def avoid_read(self, part: Any) -> str:
        return in_languages(part.avoid)


class PhaseInline(PartInline, StackedInline):
    model = Phase
    template = StackedInline.template
    fields = ["code", "first_day", "last_day", "title", "do", "avoid"]
    spoken = ["title", "do", "avoid"]


class CheckUpInline(PartInline):
    model = CheckUpDefinition
    fields = ["code", "first_day", "target_day", "last_day", "repeat_days", "title", "note"]
    spoken = ["title"]


class StepInline(ReadOnlyInline):
    """Each step has a page of its own, with its texts."""

    model = Step
    fields = readonly_fields = ["open", "kind", "phase", "when", "condition", "says"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("phase", "check_up").prefetch_related("texts")

    @display(description="step")
    def open(self, step: Step) -> str:
        return link(reverse("admin:reminders_step_change", args=[step.pk]), step.title)

    @display(description="when")
    def when(self, step: Step) -> str:
        days = f"{step.offset_days:+d} days" if step.offset_days else "that day"
        of = f", {step.check_up}" if step.check_up else ""
        return f"{step.get_anchor_display()}{of}: {days}, {step.at:%H:%M}"

    @display(description="says")
    def says(self, step: Step) -> str:
        rows = [(text.language, text.sms or text.subject) for text in step.texts.all()]
        return format_html_join("", "<div><b>{}</b> {}</div>", rows)


@admin.register(ProtocolVersion)
class ProtocolVersionAdmin(SiteScopedAdmin):
    change_roles = CLINICAL
    list_display = ["protocol", "number", "state", "signed_by", "signed"]
    list_select_related = ["protocol__site", "signed_by"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["protocol__name"]
    fields = readonly_fields = ["protocol_link", "number", "state", "signed_by", "signed"]
    inlines = [PhaseInline, CheckUpInline, StepInline]
    change_form_outer_before_template = "admin/reminders/version_actions.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("protocol__site", "signed_by")

    def site_of(self, obj: ProtocolVersion) -> Site:
        return obj.protocol.site

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == "draft")

    def may_sign(self, request: HttpRequest, version: ProtocolVersion) -> bool:
        return self.has_role(request, [Role.SURGEON], version)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        version = self.get_object(request, object_id) if object_id else None
        rights = {}
        if version is not None:
            rights = {
                "may_sign": version.state == "draft" and self.may_sign(request, version),
                "may_branch": self.has_role(request, CLINICAL, version),
                "may_add_step": self.has_change_permission(request, version),
            }
        return super().changeform_view(request, object_id, form_url, rights | (extra_context or {}))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        by: Any = request.user
        if any(formset.has_changed() for formset in formsets):
            audit.record("draft edited", of=form.instance, by=by, now=clock.now())

    @display(description="protocol")
    def protocol_link(self, version: ProtocolVersion) -> str:
        return link(reverse("admin:reminders_protocol_change", args=[version.protocol_id]), version.protocol)

    @display(description="signed")
    def signed(self, version: ProtocolVersion) -> str:
        return local(version.signed_at, version.protocol.site.zone)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/sign/", wrap(self.sign), name="reminders_protocolversion_sign"),
            path("<int:pk>/new-version/", wrap(self.branch), name="reminders_protocolversion_branch"),
        ]
        return own + list(super().get_urls())

    @method_decorator(require_POST)
    def sign(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every fault is a sentence of its own; nothing is signed while there is one."""
        version, by = self._own(request, pk), request.user
        try:
            signing.sign(version, by=by, now=clock.now())  # type: ignore[arg-type]
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
        else:
            messages.success(request, format_html("{} is signed. Patients can be enrolled on it.", version))
        return redirect("admin:reminders_protocolversion_change", version.pk)

    @method_decorator(require_POST)
    def branch(self, request: HttpRequest, pk: int) -> HttpResponse:
        version, by = self._own(request, pk), request.user
        if not self.has_role(request, CLINICAL, version):
            raise PermissionDenied("Only a surgeon or a manager of the site can begin a new version.")
        draft = signing.new_version(version, by=by, now=clock.now())  # type: ignore[arg-type]
        messages.success(request, f"{draft} is a draft: change what should change, then sign it.")
        return redirect("admin:reminders_protocolversion_change", draft.pk)

    def _own(self, request: HttpRequest, pk: int) -> ProtocolVersion:
        version: ProtocolVersion | None = self.get_queryset(request).filter(pk=pk).first()
        if version is None:
            raise Http404
        return version
