"""Who operates and follows up one patient from now on."""

from typing import Any

from django import forms

from clinic.staff.enrol.forms import required
from patients.models import Site, StaffMember, Surgery
from reminders import surgeon_changes


class SurgeonForm(forms.Form):
    to = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="New surgeon",
        empty_label="Choose",
        error_messages=required("Choose the surgeon who takes over."),
    )
    why = forms.CharField(label="Why", max_length=200, error_messages=required("Say in a few words why."))

    def __init__(self, data: Any = None, *, site: Site, but: StaffMember | None = None) -> None:
        super().__init__(data, auto_id="surgeon_%s")
        others = surgeon_changes.surgeons_at(site)
        self.offer("to", others.exclude(pk=but.pk) if but else others)

    def offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = rows
        field.choices = [("", field.empty_label), *((one.pk, str(one)) for one in rows)]  # asked once a page

    @classmethod
    def of(cls, surgery: Surgery) -> "SurgeonForm":
        return cls(site=surgery.site, but=surgery.surgeon)
