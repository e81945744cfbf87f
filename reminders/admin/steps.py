"""One step of one version, with its texts. Reached from its version; read-only once that is signed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import StackedInline
from unfold.decorators import display

from patients import audit, clock
from patients.admin import ScopedInline, SiteScopedAdmin
from patients.admin.scoped import link
from patients.models import Site
from reminders.admin.fields import ChannelsField
from reminders.admin.protocols import CLINICAL
from reminders.plan.models import ProtocolVersion, Step, StepText


class TextInline(ScopedInline, StackedInline):
    model = StepText
    fields = ["language", "sms", "subject", "body"]
    template = StackedInline.template

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj and obj.texts.exists() else 1


@admin.register(Step)
class StepAdmin(SiteScopedAdmin):
    add_roles = change_roles = CLINICAL
    list_display = ["title", "kind", "phase"]
    inlines = [TextInline]
    readonly_fields = ["of"]
    fieldsets = [
        (None, {"fields": ["of", "title", "code", "kind", "phase", "why"]}),
        ("When", {"fields": ["anchor", "check_up", "offset_days", "at", "useful_days", "staffed_days_only"]}),
        ("Again and again", {"fields": ["repeat_days", "repeat_count"]}),
        ("To whom", {"fields": ["channels", "condition", "warning"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        versions = ProtocolVersion.objects.for_staff(request.user)  # type: ignore[arg-type]
        rows = Step.objects.filter(version__in=versions)
        return rows.select_related("version__protocol__site", "phase", "check_up")

    def site_of(self, obj: Step) -> Site:
        return obj.version.protocol.site

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.version.state == "draft")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:reminders_protocol_changelist")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Only into a draft of one's own, which the address names."""
        if self._version(request) is None:
            return redirect("admin:reminders_protocol_changelist")
        response: HttpResponse = super().add_view(request, form_url, extra_context)
        return response

    def _version(self, request: HttpRequest) -> ProtocolVersion | None:
        """The draft this step belongs to, or will."""
        step_id = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if step_id:
            step = self.get_object(request, step_id)
            return step.version if step else None
        asked = request.GET.get("version", "")
        drafts = ProtocolVersion.objects.for_staff(request.user).filter(state="draft")  # type: ignore[arg-type]
        version = drafts.select_related("protocol__site").filter(pk=asked if asked.isdigit() else 0).first()
        return version if version and self.has_role(request, CLINICAL, Step(version=version)) else None

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("phase", "check_up"):
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(version=self._version(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "channels":
            return ChannelsField(help_text="The first one with consent carries it.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="version")
    def of(self, step: Step) -> str:
        if not step.version_id:
            return "-"
        return link(reverse("admin:reminders_protocolversion_change", args=[step.version_id]), step.version)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new step has its version from the start, so that constraints see it."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            return form
        version = self._version(request)

        class InVersion(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                if version is not None:
                    self.instance.version = version

        return InVersion

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        by: Any = request.user
        audit.record("step edited", of=form.instance.version, by=by, now=clock.now(), step=form.instance.title)

    def response_post_save_change(self, request: HttpRequest, obj: Step) -> HttpResponse:
        return redirect("admin:reminders_protocolversion_change", obj.version_id)

    response_post_save_add = response_post_save_change
