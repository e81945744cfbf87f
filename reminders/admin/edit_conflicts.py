"""Two people at one form: the second is told, and what either of them wrote is kept.

The page remembers what it showed. What somebody else saved since is put into the boxes this person left alone; where
both wrote, this person's words stay in the box and the other's are quoted beside.
"""

import json
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

Raw = str | bool | list[str]


class OpenedForm(forms.ModelForm):  # type: ignore[type-arg]
    """`who_else` is set by the admin: says who saved last, and when."""

    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    who_else: Any = staticmethod(lambda: "Somebody else")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = {name: self._initially(name) for name in self.fields if name != "opened"}
        self.initial["opened"] = json.dumps(self.stored) if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opened = self._opened()
        theirs = [n for n, now in self.stored.items() if n in opened and opened[n] != now and self._typed(n) != now]
        if self.instance.pk and theirs:
            both = [name for name in theirs if self._typed(name) != opened[name]]
            self._take_over([name for name in theirs if name not in both])
            raise ValidationError(self._told(theirs, both))
        return cleaned

    def _told(self, theirs: list[str], both: list[str]) -> list[str]:
        taken = ", ".join(self._label(name) for name in theirs if name not in both)
        return [
            f"{self.who_else()} changed this while you were writing. Nothing is saved yet, and nothing is lost: "
            "check it, then save again.",
            *([f"Their changes that you did not touch are in the form now: {taken}."] if taken else []),
            *(
                f"You both changed {self._label(name)}. Yours is in its box; theirs: “{_quoted(self.stored[name])}”."
                for name in both
            ),
        ]

    def _label(self, name: str) -> str:
        return str(self[name].label)

    def _opened(self) -> dict[str, Raw]:
        try:
            found = json.loads(self.data.get(self.add_prefix("opened")) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _initially(self, name: str) -> Raw:
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        widget: Any = field.widget
        return _raw(widget.decompress(value) if isinstance(widget, forms.MultiWidget) else value)

    def _typed(self, name: str) -> Raw:
        field = self.fields[name]
        return _raw(field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))

    def _take_over(self, names: list[str]) -> None:
        """What is shown again is what is stored now, for these fields; the page is from now on as new."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name in names:
            self._put(data, name, self.stored[name])
        data[self.add_prefix("opened")] = json.dumps(self.stored)
        self.data = data

    def _put(self, data: Any, name: str, value: Raw) -> None:
        key, widget = self.add_prefix(name), self.fields[name].widget
        if isinstance(value, list) and isinstance(widget, forms.MultiWidget):
            for suffix, part in zip(widget.widgets_names, value, strict=True):  # type: ignore[attr-defined]
                data[f"{key}{suffix}"] = part
        elif value is False:
            data.pop(key, None)
        else:
            data[key] = "on" if value is True else value


def _raw(value: Any) -> Raw:
    """As a browser would send it, so that what was shown and what came back can be compared."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [str(_raw(one)) for one in value]
    if isinstance(value, time):
        return f"{value:%H:%M}"
    said = "" if value is None else str(value).replace("\r\n", "\n").strip()
    return said[:5] if len(said) == 8 and said[2::3] == "::" and said.endswith(":00") else said


def _quoted(value: Raw) -> str:
    return " / ".join(value) if isinstance(value, list) else str(value)
