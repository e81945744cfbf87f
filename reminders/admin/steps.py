"""One step of one version, its words per language side by side and weighed while they are typed."""

from datetime import time
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST
from unfold.decorators import display

from patients import clock
from reminders.admin.edit_conflicts import OpenedForm
from reminders.admin.json_fields import ChannelsField, words_field
from reminders.admin.rights import CLINICAL
from reminders.admin.version_parts import PartAdmin
from reminders.admin.version_timeline import weigh
from reminders.plan import draft_editing
from reminders.plan.models import ProtocolVersion, Step, StepText
from reminders.plan.signing_checks import StepWords
from reminders.plan.values import Anchor, StepSpec

NOON = time(12)  # a text weighs the same at any hour
WORDS = ("sms", "subject", "body")
WHEN = [("anchor", "check_up"), ("offset_days", "at"), ("useful_days", "late_rule"), "staffed_days_only"]
FACTS = [
    "title", "kind", "phase", "anchor", "check_up", "offset_days", "at", "useful_days", "late_rule",
    "staffed_days_only", "repeat_days", "repeat_count", "channels", "condition", "warning", "nature", "why",
]  # fmt: skip


class StepForm(OpenedForm):
    """Its texts are fields of the form: `sms_en`, `subject_es`, …"""

    languages: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        step = kwargs.get("instance")
        known = {text.language: text for text in step.texts.all()} if step and step.pk else {}
        written = {f"{name}_{tag}": getattr(known[tag], name) for tag in known for name in WORDS}
        kwargs["initial"] = written | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """What could never be filled in is not even kept in a draft."""
        cleaned = super().clean()
        for tag in self.languages:
            try:
                StepText(language=tag, **self.said(tag)).clean()
            except ValidationError as error:
                for name, sentences in error.message_dict.items():
                    self.add_error(f"{name}_{tag}", sentences)
        return cleaned

    def said(self, tag: str) -> dict[str, str]:
        return {name: (self.cleaned_data.get(f"{name}_{tag}") or "").replace("\r\n", "\n") for name in WORDS}

    def save_texts(self) -> None:
        for tag in self.languages:
            said = self.said(tag)
            if any(said.values()):
                StepText.objects.update_or_create(step=self.instance, language=tag, defaults=said)
            else:
                StepText.objects.filter(step=self.instance, language=tag).delete()


@admin.register(Step)
class StepAdmin(PartAdmin):
    form = StepForm
    list_display = ["title", "kind", "phase"]
    readonly_fields = ["of", "texts_read"]
    called = "step"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("phase", "check_up").prefetch_related("texts")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        is_open = obj is None or self.has_change_permission(request, obj)
        tags = self.languages(request, obj)
        words: Any = [tuple(f"{name}_{tag}" for tag in tags) for name in WORDS] if is_open else ["texts_read"]
        return [
            (None, {"fields": [("of", "code"), "title", ("kind", "phase")]}),
            ("Texts by language", {"fields": words}),
            ("When", {"fields": WHEN}),
            ("Repeat", {"fields": [("repeat_days", "repeat_count")]}),
            ("Recipients and source", {"fields": [("channels", "condition"), ("warning", "nature"), "why"]}),
        ]

    def languages(self, request: HttpRequest, step: Step | None) -> list[str]:
        """The site's, its own first, and any other the step already speaks."""
        version = step.version if step else self.version_of(request)
        own = list(version.protocol.site.languages) if version else ["en"]
        return own + [text.language for text in (step.texts.all() if step else []) if text.language not in own]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change, **kwargs)
        version, tags = obj.version if obj else self.version_of(request), self.languages(request, obj)
        boxes = {f"{name}_{tag}": words_field(name, tag, version) for tag in tags for name in WORDS}
        kwargs["form"] = type("Spoken", (self.form,), {**boxes, "languages": tags})
        kwargs["fields"] = FACTS if obj else [*FACTS, "code"]
        return super().get_form(request, obj, change, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("phase", "check_up"):
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(version=self.version_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "channels":
            return ChannelsField(help_text="The first channel with consent is used.")
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("phase", "check_up"):  # chosen here; added and edited from the version's page
            for deed in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{deed}_related", False)
        return field

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_texts()
        super().save_related(request, form, formsets, change)

    @display(description="texts")
    def texts_read(self, step: Step) -> str:
        rows = [(text.language, text.sms, text.subject, text.body) for text in step.texts.all()]
        line = '<div class="ac said"><p><b>{}</b> {}</p><p><b>{}</b></p><p class="pieces">{}</p></div>'
        return format_html_join("", line, rows) or "-"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("weigh/", wrap(self.weigh), name="reminders_step_weigh"),
            path("<int:pk>/move/", wrap(self.move), name="reminders_step_move"),
        ]
        return own + super().get_urls()

    @method_decorator(require_POST)
    def weigh(self, request: HttpRequest) -> HttpResponse:
        """What one box of the form weighs as it stands there; nothing is saved."""
        asked = request.POST.get("version", "")
        versions = ProtocolVersion.objects.for_staff(request.user).select_related("protocol__site")  # type: ignore[arg-type]
        version = versions.filter(pk=asked if asked.isdigit() else 0).first()
        if version is None or not self.has_role(request, CLINICAL, Step(version=version)):
            raise Http404
        name, _, tag = request.POST.get("weigh", "").partition("_")
        text = request.POST.get(f"{name}_{tag}", "").replace("\r\n", "\n")
        words = StepWords(sms=text) if name == "sms" else StepWords(subject="-", body=text)
        weight = weigh(_spec(request, "sms" if name == "sms" else "email"), words, tag, version.protocol.site)
        return render(request, "admin/reminders/weight.html", {"weight": weight, "is_empty": not text.strip()})

    @method_decorator(require_POST)
    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        step, by = self.own_part(request, pk), request.user
        to, was = (_days(request.POST.get(name, "")) for name in ("to", "was"))
        said = f"“{step}” moved. The plan below is in order of days."
        return self.done(
            request,
            step,
            said,
            lambda: draft_editing.move_step(step, to=to, was=was, by=by, now=clock.now()),  # type: ignore[arg-type]
        )


def _days(typed: str) -> int | None:
    try:
        return int(typed)
    except ValueError:
        return None


def _spec(request: HttpRequest, channel: str) -> StepSpec:
    anchor = request.POST.get("anchor", "")
    known = Anchor(anchor) if anchor in list(Anchor) else Anchor.SURGERY
    days = _days(request.POST.get("offset_days", ""))
    kind, warning = request.POST.get("kind", ""), "warning" in request.POST
    offset = 1 if days is None else days
    return StepSpec("", known, offset, at=NOON, channels=(channel,), kind=kind, warning=warning)
