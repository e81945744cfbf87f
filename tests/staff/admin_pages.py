"""How a test of the admin finds a page, reads it, and sends its form back as a browser would."""

import re

from django.test import Client
from django.urls import reverse

from patients.models import Site
from reminders.plan.models import ProtocolVersion


def change(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def draft_of(site: Site, code: str = "miss-base") -> ProtocolVersion:
    return ProtocolVersion.objects.get(protocol__site=site, protocol__code=code, number=1)


def form_of(client: Client, url: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    context = client.get(url).context
    forms = [context["adminform"].form] + [f for s in context["inline_admin_formsets"] for f in s.formset.forms]
    forms += [s.formset.management_form for s in context["inline_admin_formsets"]]
    data: dict[str, str] = {}
    for form in forms:
        for field in form:
            for widget in _leaves(field):
                data |= widget
    return data


def _leaves(field):
    value = field.value()
    widgets = getattr(field.field.widget, "widgets", None)
    if widgets:
        names = field.field.widget.widgets_names
        parts = field.field.widget.decompress(value) if not isinstance(value, list) else value
        yield {f"{field.html_name}{name}": "" if v is None else v for name, v in zip(names, parts, strict=True)}
    elif isinstance(value, bool):
        yield {field.html_name: "on"} if value else {}
    else:
        yield {field.html_name: "" if value is None else value}
