"""Patients: list, register, find; their contacts and what those agreed to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django_filters.filterset import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from clinic.api.access import require_decider, staff
from clinic.api.contacts import (
    ConsentInput,
    ContactInput,
    ContactSerializer,
    ScopeInput,
    contacts_of,
    new_contact,
    refuse_twice,
)
from clinic.api.fields import BirthDay, Choice, Language, OwnSite, PatientNumber, PersonName, Strict, Text, Zone
from clinic.api.filtering import CodeFilter, ManyFilter
from clinic.api.merge import MergeInput, MergeSerializer, merged
from clinic.api.patient_matching import INSIST, INSIST_ADDRESS, refuse_alike, refuse_shared_address
from clinic.api.problems import Conflict
from patients import actions as care
from patients import clock
from patients.models import Contact, Patient, Site, StaffMember
from patients.models.patient import NAMELESS, RECORDED_BY_STAFF, BmiBand, HealthCondition, PatientStatus
from reminders import actions, caregivers, enrolment
from reminders.enrolment import NewContact, NewPatient
from reminders.replies import actions as replies

ONE_NAME = "Who has only one name has it as given name or as family name; the other one is empty."
CONTACT_ID = OpenApiParameter("contact", OpenApiTypes.INT, OpenApiParameter.PATH, description="The contact's id.")


class PatientSerializer(serializers.ModelSerializer[Patient]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    birth_date = BirthDay(source="born", read_only=True, help_text="A month or a year where no more is known.")
    contacts = ContactSerializer(many=True, read_only=True)

    class Meta:
        model = Patient
        fields = [
            "id", "site", "number", "given_name", "family_name", "birth_date", "language", "time_zone", "status",
            "merged_into", "created_at", "contacts",
        ]  # fmt: skip


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A patient with a phone and a caregiver",
            {
                "site": "riverside",
                "number": "A-1001",
                "given_name": "Ana",
                "family_name": "Ruiz",
                "birth_date": "1965-04-02",
                "language": "es",
                "contacts": [
                    {
                        "phone": "+12025550123",
                        "consent": {"source": "paper", "wording": "I agree to get care messages from the clinic."},
                    },
                    {"email": "luis@example.org", "relationship": "caregiver", "name": "Luis Ruiz", "scope": "visits"},
                ],
            },
            request_only=True,
        )
    ]
)
class PatientInput(Strict):
    site = OwnSite()
    number = PatientNumber(max_length=64, help_text="The clinic's own number (MRN); one patient per number and site.")
    given_name = PersonName(max_length=80, default="", allow_blank=True, help_text=ONE_NAME)
    family_name = PersonName(max_length=80, default="", allow_blank=True, help_text=ONE_NAME)
    birth_date = BirthDay(help_text="A day; only where nobody knows it a month (1965-04) or a year (1965).")
    language = Language(default="en", max_length=16, help_text="BCP 47, such as en, es or es-MX.")
    time_zone = Zone(required=False, max_length=64, help_text="An IANA name. Default: the site's.")
    conditions = serializers.ListField(child=Choice(HealthCondition), required=False, max_length=len(HealthCondition))
    bmi_band = Choice(BmiBand, required=False, allow_blank=True, help_text="In kg/m²; empty: not known.")
    contacts = ContactInput(many=True, required=False, max_length=20)  # type: ignore[call-arg]
    insist = serializers.BooleanField(default=False, help_text=INSIST)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The site first: its country says how phone numbers without + are read."""
        context: Any = self.context
        context["site"] = _site_named(self, data)
        return dict(super().to_internal_value(data))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs["given_name"] or attrs["family_name"]):
            raise serializers.ValidationError({"given_name": NAMELESS})
        refuse_twice(attrs.get("contacts", []))
        attrs["birth_date"], attrs["birth_known"] = attrs["birth_date"]
        return attrs


def _site_named(form: PatientInput, data: Any) -> Site | None:
    """None where it is missing or refused; the field itself says why."""
    try:
        site: Site = form.fields["site"].run_validation(data.get("site", empty) if isinstance(data, Mapping) else empty)
    except serializers.ValidationError:
        return None
    return site


class AddContactInput(ContactInput):
    insist = serializers.BooleanField(default=False, help_text=INSIST_ADDRESS)


def new_patient(given: dict[str, Any]) -> NewPatient:
    """The validated fields of a patient and their contacts as the enrolment takes them."""
    facts = {name: value for name, value in given.items() if name not in ("site", "contacts", "insist")}
    return NewPatient(**facts, contacts=[new_contact(contact) for contact in given.get("contacts", [])])


def refuse_taken(request: Request, site: Site, number: str, path: tuple[str, ...] = ()) -> None:
    """Raise 409 with the address of the patient who has this number; the caller works at this site, so may know."""
    here = Patient.objects.for_staff(staff(request)).for_site(site).filter(number=number)
    if taken := here.select_related("merged_into").first():
        taken = taken.merged_into or taken
        detail: Any = ["This site already has a patient with this number. Enrol that one, or check the number."]
        for name in reversed((*path, "number")):
            detail = {name: detail}
        raise Conflict(detail, existing=reverse("api:patients-detail", args=[taken.pk], request=request))


class SearchInput(Strict):
    words = Text(
        max_length=120,
        help_text="Parts of the name, the number, 3 or more digits of the phone, the date of birth; all must match. "
        "Accents, case, commas and order do not matter; a name may have one slip where nobody fits as typed.",
    )
    site = OwnSite(required=False)


class StatusInput(Strict):
    status = Choice(RECORDED_BY_STAFF, help_text="transferred and deceased end every plan; active starts them again.")


class PatientFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    status = ManyFilter(choices=PatientStatus.choices)


@extend_schema(tags=["patients"])
class PatientViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Patient]):
    queryset = Patient.objects.none()
    serializer_class = PatientSerializer
    filterset_class = PatientFilters
    lookup_value_converter = "int"
    page_by = "pk"  # not the name: positions show in addresses

    def get_queryset(self) -> QuerySet[Patient]:
        me = staff(self.request)
        contacts = Prefetch("contacts", contacts_of(me))
        return Patient.objects.for_staff(me).select_related("site", "merged_into").prefetch_related(contacts)

    @extend_schema(request=PatientInput, responses={201: PatientSerializer})
    def create(self, request: Request) -> Response:
        """Register a patient with contacts and consent. A number that is taken is a 409 that names the patient.

        So is somebody who may be registered already under another number: the 409 lists the `candidates`. Enrol one of
        those, or send the same with `insist: true`.

        The patient's number makes a repeat harmless, so no `Idempotency-Key` is needed here."""
        given = self._given(PatientInput)
        site = given["site"]
        refuse_taken(request, site, given["number"])
        refuse_alike(request, site, given)
        try:
            patient = enrolment.register_patient(site, new_patient(given), by=staff(request), now=clock.now())
        except (IntegrityError, ValidationError):  # the same one may have come in at the same moment
            refuse_taken(request, site, given["number"])
            raise
        return self._answer(patient, status.HTTP_201_CREATED)

    @extend_schema(request=SearchInput, responses=PatientSerializer(many=True))
    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        """Find patients by name, number, phone or birth date. In the body, so that no address or log carries them."""
        given = self._given(SearchInput)
        rows = self.get_queryset()
        if site := given.get("site"):
            rows = rows.for_site(site)  # type: ignore[attr-defined]
        page = self.paginate_queryset(rows.matching(given["words"]))  # type: ignore[attr-defined]
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=StatusInput, responses=PatientSerializer)
    @action(detail=True, methods=["post"], url_path="status")
    def set_status(self, request: Request, pk: int) -> Response:
        """Record that the patient died or was transferred, or is back."""
        patient, given = self.get_object(), self._given(StatusInput)
        actions.set_patient_status(patient, status=given["status"], by=staff(request), now=clock.now())
        return self._answer(patient)

    @extend_schema(request=MergeInput, responses=MergeSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: int) -> Response:
        """This number becomes a former one of `into`: contacts, consent, operations and replies move there.

        With `preview` it says what would move and changes nothing. Surgeons and managers of the site."""
        patient, given = self.get_object(), self._given(MergeInput)
        require_decider(request, patient.site, to="merge patient numbers")
        into = get_object_or_404(self.get_queryset(), pk=given["into"])
        return Response(merged(patient, into, by=staff(request), now=clock.now(), dry_run=given["preview"]))

    @extend_schema(methods=["GET"], responses=ContactSerializer(many=True), filters=False, operation_id="contacts_list")
    @extend_schema(
        methods=["POST"], request=AddContactInput, responses={201: ContactSerializer}, operation_id="contacts_create"
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def contacts(self, request: Request, pk: int) -> Response:
        """The patient's phone numbers and e-mail addresses and those of caregivers; POST adds one.

        One that another patient of the same date of birth has too is a 409 that lists the `candidates`: it may be one
        person under two numbers. Merge them, or send the same with `insist: true`."""
        patient = self.get_object()
        if request.method == "GET":
            return Response(ContactSerializer(contacts_of(staff(request), patient), many=True).data)
        given = self._given(AddContactInput, site=patient.site)
        refuse_shared_address(patient, given)
        contact = _add_contact(patient, new_contact(given), by=staff(request), now=clock.now())
        return self._contact(contact.pk, status.HTTP_201_CREATED)

    @extend_schema(parameters=[CONTACT_ID], request=ConsentInput, responses=ContactSerializer)
    @action(detail=True, methods=["post"], url_path="contacts/<int:contact>/consent/give")
    def give_consent(self, request: Request, pk: int, contact: int) -> Response:
        """Record that consent was given for this number or address."""
        row, given = self._own_contact(contact), self._given(ConsentInput)
        care.give_consent(row, **given, by=staff(request), now=clock.now())
        return self._contact(row.pk)

    @extend_schema(parameters=[CONTACT_ID], request=ConsentInput, responses=ContactSerializer)
    @action(detail=True, methods=["post"], url_path="contacts/<int:contact>/consent/withdraw")
    def withdraw_consent(self, request: Request, pk: int, contact: int) -> Response:
        """Record that consent was withdrawn: from now on nothing is sent to this number or address.

        It covers every contact at this site that has it, as two patients may share a phone."""
        row, given = self._own_contact(contact), self._given(ConsentInput)
        replies.record_refusal(row, **given, by=staff(request), now=clock.now())
        return self._contact(row.pk)

    @extend_schema(parameters=[CONTACT_ID], request=ScopeInput, responses=ContactSerializer)
    @action(detail=True, methods=["post"], url_path="contacts/<int:contact>/scope")
    def change_scope(self, request: Request, pk: int, contact: int) -> Response:
        """Change which messages a caregiver gets. Waiting messages that are no longer allowed are not sent."""
        row, given = self._own_contact(contact), self._given(ScopeInput)
        caregivers.change_scope(row, **given, by=staff(request), now=clock.now())
        return self._contact(row.pk)

    @extend_schema(parameters=[CONTACT_ID], request=ConsentInput, responses=ContactSerializer)
    @action(detail=True, methods=["post"], url_path="contacts/<int:contact>/revoke")
    def revoke(self, request: Request, pk: int, contact: int) -> Response:
        """Revoke a caregiver: nothing more about this patient is sent to them. Idempotent."""
        row, given = self._own_contact(contact), self._given(ConsentInput)
        caregivers.revoke(row, **given, by=staff(request), now=clock.now())
        return self._contact(row.pk)

    def _own_contact(self, pk: int) -> Contact:
        return get_object_or_404(contacts_of(staff(self.request), self.get_object()), pk=pk)

    def _contact(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(ContactSerializer(contacts_of(staff(self.request)).get(pk=pk)).data, code)

    def _given(self, shape: type[Strict], **more: Any) -> dict[str, Any]:
        given = shape(data=self.request.data, context={**self.get_serializer_context(), **more})
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _answer(self, patient: Patient, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=patient.pk)).data, code)


def _add_contact(patient: Patient, new: NewContact, *, by: StaffMember, now: datetime) -> Contact:
    """One that is already there is a 409: by the check, or by the database when two come at once."""
    field = "phone" if new.phone else "email"
    taken = Conflict({field: ["The patient already has this one. Give or withdraw consent for it instead."]})
    if patient.contacts.filter(ended_at=None, phone=new.phone, email=new.email).exists():
        raise taken
    try:
        return enrolment.add_contact(patient, new, by=by, now=now)
    except IntegrityError:
        raise taken from None
