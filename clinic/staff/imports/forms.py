"""The upload, and what somebody says about the file: which column is which, its encoding, its dates, consent."""

from collections.abc import Sequence
from typing import Any

from django import forms

from clinic.exchange import import_runs
from clinic.exchange.cells import ORDERS
from clinic.exchange.columns import spelt
from clinic.exchange.csv_patients import COLUMNS
from clinic.exchange.import_runs import RunSettings
from clinic.exchange.letters import KNOWN
from patients.models import ImportRun, Site
from patients.models.contact import ConsentSource

ENCODINGS = [("", "found out by itself"), ("utf-8", "UTF-8"), *((one.codec, one.title) for one in KNOWN)]
DATES = {"": "only dates that are clear", "mdy": "month first (04/02/1965 is 2 April)", "dmy": "day first"}
FIELDS = [("", "not read"), *((name, name.replace("_", " ")) for name in COLUMNS.known)]
PREFIX = "column-"


class UploadForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none())
    file = forms.FileField(
        help_text="CSV, TSV, Excel (.xlsx) or FHIR R4 (NDJSON, or a Bundle in JSON), at most"
        f" {import_runs.LARGEST >> 20} MB. Nothing is imported yet.",
    )

    def __init__(self, *args: Any, sites: Sequence[Site], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["site"]
        field.queryset = Site.objects.filter(pk__in=[site.pk for site in sites])
        field.initial = sites[0]
        field.empty_label = None


class FileForm(forms.Form):
    """Beside these fields a select for each column of the file: see `settings`."""

    encoding = forms.ChoiceField(choices=ENCODINGS, required=False, help_text="In which the file was saved.")
    date_order = forms.ChoiceField(
        label="Dates like 04/02/1965", choices=[(name, DATES[name]) for name in ("", *ORDERS)], required=False
    )
    wording = forms.CharField(
        label="What these patients agreed to, word for word",
        required=False,
        max_length=500,
        help_text="Empty: nobody in the file agreed, and nothing is sent to them until somebody asks.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    source = forms.ChoiceField(label="Where they agreed", choices=ConsentSource.choices, required=False)
    without_contact = forms.BooleanField(
        label="Also take who cannot be reached",
        required=False,
        help_text="Their messages go on reception's call list.",
    )

    def __init__(self, data: Any = None, *, run: ImportRun) -> None:
        settings = import_runs.settings_of(run)
        self.was = settings
        names = ("encoding", "date_order", "wording", "source", "without_contact")
        super().__init__(data, initial={name: getattr(settings, name) for name in names})

    def settings(self) -> RunSettings:
        """With what was said about columns: `column-N-name` beside `column-N`."""
        told = dict(self.was.told)
        for name, column in self.data.items():
            if name.startswith(PREFIX) and name.endswith("-name"):
                wanted = self.data.get(name.removesuffix("-name"), "")
                if wanted != self.data.get(name.removesuffix("-name") + "-was", "") or spelt(column) in told:
                    told[spelt(column)] = wanted if wanted in COLUMNS.known else ""
        given = self.cleaned_data
        return RunSettings(
            told=told,
            encoding=given["encoding"],
            date_order=given["date_order"],
            wording=given["wording"].strip(),
            source=given["source"] or ConsentSource.IMPORT,
            without_contact=given["without_contact"],
        )
