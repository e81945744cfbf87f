"""What every part of a version shares: a page of its own, to edit in while the version is a draft, then to read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST
from unfold.decorators import display

from patients import audit, clock
from patients.admin import SiteScopedAdmin, local
from patients.admin.scoped import link
from patients.models import Site
from reminders.admin.edit_conflicts import OpenedForm
from reminders.admin.rights import CLINICAL
from reminders.plan import draft_editing
from reminders.plan.models import ProtocolVersion


def in_languages(value: Any) -> str:
    """A word per language as rows, for reading."""
    known = value if isinstance(value, dict) else {}
    rows = [(tag, " ".join(said) if isinstance(said, list) else said) for tag, said in known.items() if said]
    return format_html_join("", "<div><b>{}</b> {}</div>", rows) or "-"


def who_changed(version: ProtocolVersion) -> str:
    """The last one to change anything in it, and when at the clinic."""
    last = audit.history(version).last()
    who = str(last.by) if last and last.by else "Somebody else"
    return f"{who} ({local(last.at, version.protocol.site.zone)})" if last else who


class PartAdmin(SiteScopedAdmin):
    """Reached from its version, and back to it."""

    add_roles = change_roles = CLINICAL
    form = OpenedForm
    readonly_fields = ["of"]
    change_form_before_template = "admin/reminders/edit_conflict.html"
    change_form_outer_after_template = "admin/reminders/part_actions.html"
    compressed_fields = False  # labels above: two languages fit side by side
    called = "part"

    def get_queryset(self, request: HttpRequest) -> Any:
        versions = ProtocolVersion.objects.for_staff(request.user)  # type: ignore[arg-type]
        rows = self.model._default_manager.filter(version__in=versions)
        return rows.select_related("version__protocol__site")

    def site_of(self, obj: Any) -> Site:
        return obj.version.protocol.site

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.version.state == "draft")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:reminders_protocol_changelist")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Only into a draft of one's own, which the address names."""
        if self.version_of(request) is None:
            return self._lost(request) or redirect("admin:reminders_protocol_changelist")
        response: HttpResponse = super().add_view(request, form_url, extra_context)
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Whoever saves holds the version, so that the second one is compared with what the first one left."""
        with transaction.atomic():
            if request.method == "POST":
                version = self.version_of(request)
                held = ProtocolVersion.objects.select_for_update().filter(pk=version.pk if version else 0).first()
                if (held is None or held.state != "draft") and (lost := self._lost(request)):
                    return lost
            shown = {
                "may_remove": object_id is not None and self._is_open(request, object_id),
                "called": self.called,
                "show_save_and_add_another": False,
            }
            return super().changeform_view(request, object_id, form_url, shown | (extra_context or {}))

    def version_of(self, request: HttpRequest) -> ProtocolVersion | None:
        """The version this part belongs to; for a new one, the draft it will belong to."""
        part_id = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if part_id:
            part = self.get_object(request, part_id)
            return part.version if part else None
        asked = request.GET.get("version", "")
        drafts = ProtocolVersion.objects.for_staff(request.user).filter(state="draft")  # type: ignore[arg-type]
        version = drafts.select_related("protocol__site").filter(pk=asked if asked.isdigit() else 0).first()
        return version if version and self.has_role(request, CLINICAL, self.model(version=version)) else None

    def _is_open(self, request: HttpRequest, object_id: Any) -> bool:
        part = self.get_object(request, object_id)
        return part is not None and self.has_change_permission(request, part)

    def _lost(self, request: HttpRequest) -> HttpResponse | None:
        """The part was removed or the version signed while somebody wrote: their words are handed back to them."""
        if request.method != "POST" or not self.has_role(request, CLINICAL):
            return None
        hidden = ("csrfmiddlewaretoken", "opened")
        typed = [(k, str(v)) for k, v in request.POST.items() if k not in hidden and not k.startswith("_")]
        words = [(name, said) for name, said in typed if said.strip()]
        frame = self.admin_site.each_context(request) | {"title": "No longer there", "words": words}
        return render(request, "admin/reminders/unsaved_edits.html", frame, status=409)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new part has its version from the start, so that constraints see it."""
        form = super().get_form(request, obj, change, **kwargs)
        version = obj.version if obj is not None else self.version_of(request)

        class InVersion(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                if obj is None and version is not None:
                    self.instance.version = version

            def _get_validation_exclusions(self) -> set[str]:
                """A code twice in one version is a sentence at the form, though the version is no field of it."""
                excluded: set[str] = super()._get_validation_exclusions()
                return excluded - {"version"}

            def who_else(self) -> str:
                return who_changed(version) if version else "Somebody else"

        return InVersion

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The code stays: another code would be another part, and what was sent is remembered under it."""
        return [*self.readonly_fields, "code"] if obj else list(self.readonly_fields)

    @display(description="version")
    def of(self, part: Any) -> str:
        if not part.version_id:
            return "-"
        return link(reverse("admin:reminders_protocolversion_change", args=[part.version_id]), part.version)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        by: Any = request.user
        verb = f"{self.called} {'edited' if change else 'added'}"
        audit.record(verb, of=form.instance.version, by=by, now=clock.now(), what=str(form.instance))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        version = reverse("admin:reminders_protocolversion_change", args=[obj.version_id])
        return redirect(f"{version}#{self.opts.model_name}-{obj.pk}")

    response_post_save_add = response_post_save_change

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_remove"
        return [path("<int:pk>/remove/", self.admin_site.admin_view(self.remove), name=name), *super().get_urls()]

    @method_decorator(require_POST)
    def remove(self, request: HttpRequest, pk: int) -> HttpResponse:
        part, by = self.own_part(request, pk), request.user
        said = f"“{part}” is taken out of the draft."
        return self.done(request, part, said, lambda: draft_editing.remove(part, by=by, now=clock.now()))  # type: ignore[arg-type]

    def own_part(self, request: HttpRequest, pk: int) -> Any:
        part = self.get_queryset(request).filter(pk=pk).first()
        if part is None:
            raise Http404
        if not self.has_role(request, CLINICAL, part):
            raise PermissionDenied("Only a surgeon or a manager of the site can edit this draft.")
        return part

    def done(self, request: HttpRequest, part: Any, said: str, deed: Any) -> HttpResponse:
        """Does it and says so, or says why not; either way back to the version."""
        try:
            deed()
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
        else:
            messages.success(request, said)
        return redirect("admin:reminders_protocolversion_change", part.version_id)
