"""What is kept as JSON, asked for in plain fields: a word per language, a choice of channels, days of the week."""

from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

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
