"""The request to enrol a surgery or to preview its plan, turned into the values the actions take."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from clinic.api.fields import ByCode, Choice, Colleague, Day, OwnRow, Strict
from clinic.api.patient_matching import refuse_alike
from clinic.api.patients import PatientInput, new_patient
from clinic.api.problems import BadHeader
from patients.models import Patient, Procedure, Site, StaffMember
from patients.models.surgery import Job, PhysicalTherapy
from reminders.enrolment import NewPatient, NewSurgery, default_version
from reminders.further_operation import RunningPlan
from reminders.plan.models import ProtocolVersion

KEY, KEY_LENGTH = "Idempotency-Key", 80
OF_PATIENT = (
    "number", "given_name", "family_name", "birth_date", "language", "time_zone", "phone", "email", "conditions",
    "bmi_band",
)  # fmt: skip
PATHS = {"version": ("protocol_version",)} | {name: ("new_patient", name) for name in OF_PATIENT}
NAMED = ("surgeon", "physical_therapy", "job", "levels", "asa_class")
CONSENT = {"source": "paper", "wording": "I agree to get care messages from the clinic."}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A new patient, enrolled once",
            {
                "new_patient": {
                    "site": "riverside",
                    "number": "A-1001",
                    "given_name": "Ana",
                    "family_name": "Ruiz",
                    "birth_date": "1965-04-02",
                    "language": "es",
                    "contacts": [{"phone": "+12025550123", "consent": CONSENT}],
                },
                "procedure": "microdiscectomy",
                "surgeon": 3,
                "date": "2026-03-02",
                "physical_therapy": "ordered",
                "job": "desk",
            },
            request_only=True,
        ),
        OpenApiExample(
            "A patient who is registered already",
            {"patient": 12, "procedure": "tlif", "surgeon": 3, "date": "2026-03-02"},
            request_only=True,
        ),
    ]
)
class SurgeryInput(Strict):
    patient = OwnRow(
        queryset=Patient.objects.select_related("site"),
        required=False,
        help_text="The id of a patient who is registered.",
    )
    new_patient = PatientInput(required=False, help_text="Or a new patient, registered together with the surgery.")
    procedure = ByCode(queryset=Procedure.objects.all(), help_text="The code of a procedure.")
    surgeon = Colleague(queryset=StaffMember.objects.all(), help_text="The id of a surgeon of the site.")
    date = Day(help_text="Day 0, in the site's time zone. Past days are fine: messages that would be past are skipped.")
    protocol_version = OwnRow(
        queryset=ProtocolVersion.objects.select_related("protocol"),
        required=False,
        help_text="The id of a signed version. Default: the one of the procedure's protocol at the site.",
    )
    physical_therapy = Choice(PhysicalTherapy, default=PhysicalTherapy.UNDECIDED)
    job = Choice(Job, default=Job.UNKNOWN)
    running_plan = Choice(
        RunningPlan,
        required=False,
        help_text="What becomes of a plan of this patient that runs: end, hold or keep. Without it, where one runs, "
        "the answer is 409 and lists those plans.",
    )
    levels = serializers.IntegerField(required=False, min_value=1, max_value=25, help_text="Of the spine, treated.")
    asa_class = serializers.IntegerField(required=False, min_value=1, max_value=4)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("patient" in attrs) == ("new_patient" in attrs):
            raise serializers.ValidationError(
                {"patient": "Give either the id of a patient here or a new patient in new_patient."}
            )
        site = attrs["patient"].site if "patient" in attrs else attrs["new_patient"]["site"]
        version = attrs.get("protocol_version") or default_version(site, attrs["procedure"])
        if version is None:
            raise serializers.ValidationError(
                {
                    "protocol_version": f"{site} has no signed protocol for this procedure. A surgeon must sign one, "
                    "or name another signed version here."
                }
            )
        return attrs | {"site": site, "version": version}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A checked enrolment request. `named`: the fields the caller gave; a repeat must give the same."""

    site: Site
    patient: Patient | NewPatient
    surgery: NewSurgery
    named: dict[str, Any]


def read(request: Request, *, key: str = "") -> Enrolment:
    """Validate the request body into what `enrolment.enrol` takes. `key`: the idempotency key, empty if none.

    Raises ValidationError with a message for each field; Conflict where a new patient may be registered already.
    """
    given = SurgeryInput(data=request.data, context={"request": request})
    given.is_valid(raise_exception=True)
    facts = given.validated_data
    named = {name: facts[name] for name in NAMED if name in facts}
    new = NewSurgery(
        procedure=facts["procedure"],
        date=facts["date"],
        version=facts["version"],
        key=key,
        running_plan=facts.get("running_plan", ""),
        **named,
    )
    if "new_patient" in facts:
        refuse_alike(request, facts["site"], facts["new_patient"], ("new_patient",))
    patient = facts.get("patient") or new_patient(facts["new_patient"])
    if "protocol_version" in facts:
        named["version"] = facts["version"]
    return Enrolment(facts["site"], patient, new, named)


def key_of(request: Request) -> str:
    """The request's idempotency key; empty without the header."""
    key = request.headers.get(KEY)
    if key is None:
        return ""
    if not 1 <= len(key) <= KEY_LENGTH or not all("!" <= letter <= "~" for letter in key):
        raise BadHeader({KEY: [f"Use 1 to {KEY_LENGTH} letters, digits and signs without spaces, a UUID for example."]})
    return key
