"""The page that takes a protocol's file: all of it becomes a draft, or every mistake is said and nothing is kept."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from unfold.widgets import UnfoldAdminFileFieldWidget

from patients import clock
from patients.admin.scoped import own_sites
from patients.models import Site
from reminders.admin.rights import CLINICAL
from reminders.plan.files.import_draft import take
from reminders.plan.files.yaml_tree import LARGEST, UnreadableFile

AS = [("version", "a new version of the protocol it belongs to"), ("new", "a new protocol")]


class ImportForm(forms.Form):
    """Plain fields; who may do it is asked before it is shown."""

    site = forms.ModelChoiceField(queryset=Site.objects.none(), empty_label=None)
    taken_as = forms.ChoiceField(choices=AS, initial="version", label="Import as", widget=forms.RadioSelect)
    file = forms.FileField(allow_empty_file=True, widget=UnfoldAdminFileFieldWidget())

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]


def import_page(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    sites = own_sites(request.user, CLINICAL)
    if not sites.exists():
        raise PermissionDenied("Only a surgeon or a manager of a site can import a protocol.")
    form = ImportForm(request.POST or None, request.FILES or None, sites=sites)
    wrong: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            return _taken(request, form.cleaned_data)
        except UnreadableFile as error:
            wrong = error.sentences
    context = frame | {"title": "Import a protocol", "form": form, "wrong": wrong}
    return render(request, "admin/reminders/import.html", context, status=422 if wrong else 200)


def _taken(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    data, by = given["file"].read(LARGEST + 1), request.user
    draft = take(data, site=given["site"], new=given["taken_as"] == "new", by=by, now=clock.now())  # type: ignore[arg-type]
    messages.success(request, f"{draft} is a draft. Look at it, then a surgeon signs it.")
    return redirect("admin:reminders_protocolversion_change", draft.pk)
