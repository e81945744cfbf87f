"""What is kept as JSON, asked for in plain fields: a word per language, a choice of channels, days of the week."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from reminders.plan.files import in_words

CHANNELS = {
    "sms,email": "text, else e-mail",
    "email,sms": "e-mail, else text",
    "sms": "text only",
    "email": "e-mail only",
}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class LanguagesWidget(forms.MultiWidget):
    """One box per language, each with its tag as placeholder and name."""

    def __init__(self, languages: Sequence[str], *, lines: bool) -> None:
        self.languages, self.lines = languages, lines
        box = UnfoldAdminTextareaWidget if lines else UnfoldAdminTextInputWidget
        more: dict[str, Any] = {"rows": 4} if lines else {}
        widgets = {tag: box(attrs={"placeholder": tag, "aria-label": f"in {tag}"} | more) for tag in languages}
        super().__init__(widgets)

    def decompress(self, value: Any) -> list[str]:
        known = value if isinstance(value, dict) else {}
        return [_shown(known.get(tag)) for tag in self.languages]


def _shown(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value or "")


class PerLanguage(forms.MultiValueField):
    """`{"en": "…", "es": "…"}`; with `lines`, a list of lines per language. Other languages are kept as they were."""

    def __init__(self, *, languages: Sequence[str], lines: bool = False, **kwargs: Any) -> None:
        self.languages, self.lines = languages, lines
        fields = [forms.CharField(required=False) for _ in languages]
        widget = LanguagesWidget(languages, lines=lines)
        super().__init__(fields=fields, widget=widget, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, Any]:
        typed = dict(zip(self.languages, data_list or [""] * len(self.languages), strict=True))
        if not self.lines:
            return {tag: text for tag, text in typed.items() if text}
        return {tag: [line.strip() for line in text.splitlines() if line.strip()] for tag, text in typed.items()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.widget.decompress(initial) if not isinstance(initial, list) else initial
        now = ["\n".join(str(value or "").splitlines()) for value in data]
        return before != now


def questions_field(languages: Sequence[str]) -> PerLanguage:
    """The questions people ask, for the patient's page."""
    words = "A line each: the question, then its answer. Blanks such as {lifting_limit} may stand in it."
    return PerLanguage(languages=languages, lines=True, required=False, label="Questions people ask", help_text=words)


class ChannelsField(forms.TypedChoiceField):
    """`["sms", "email"]`: in order of preference."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=list(CHANNELS.items()),
            coerce=lambda value: value.split(","),
            widget=UnfoldAdminSelectWidget(),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


class TagsField(forms.CharField):
    """Languages, the clinic's own first: `en, es`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextInputWidget(), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [tag.strip() for tag in str(value or "").split(",") if tag.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != self.to_python(data))


class WeekdaysField(forms.TypedMultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        choices = list(enumerate(WEEKDAYS))
        super().__init__(choices=choices, coerce=int, widget=UnfoldAdminCheckboxSelectMultipleWidget(), **kwargs)


class WeighedText(UnfoldAdminTextareaWidget):
    """A box whose weight is asked from the server while it is typed: the page counts nothing itself."""

    def __init__(self, *, name: str, version: Any, rows: int) -> None:
        asks = {
            "hx-post": reverse_lazy("admin:reminders_step_weigh"),
            "hx-include": "closest form",
            "hx-vals": json.dumps({"weigh": name, "version": version.pk if version else 0}),
            "hx-trigger": "load, input changed delay:300ms, change from:#id_kind, change from:#id_anchor",
            "hx-target": f"[id='weight-{name}']",
            "hx-sync": "this:replace",
        }
        super().__init__(attrs={"rows": rows} | asks)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        return format_html('{}<div class="ac weight" id="weight-{}" aria-live="polite"></div>', box, name)


def words_field(name: str, tag: str, version: Any) -> forms.CharField:
    """One of a step's words in one language."""
    called = {"sms": "Text message", "subject": "E-mail subject", "body": "E-mail"}[name]
    label = f"{called}, {in_words.language(tag)}"
    if name == "subject":
        return forms.CharField(required=False, label=label, max_length=120, widget=UnfoldAdminTextInputWidget())
    box = WeighedText(name=f"{name}_{tag}", version=version, rows=4 if name == "sms" else 12)
    return forms.CharField(required=False, label=label, widget=box)


class PainField(forms.CharField):
    """`[[day, lowest, highest], …]` as a line each: `14 2 5`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(" ".join(map(str, row)) for row in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.replace(",", " ").split() for line in str(value or "").splitlines() if line.strip()]
        if not all(len(line) == 3 and all(one.isdigit() and len(one) < 6 for one in line) for line in lines):
            raise forms.ValidationError("A line each: the day, then the lowest and the highest pain, such as 14 2 5.")
        return [[int(one) for one in line] for line in lines]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != self.prepare_value(data))
