"""Fields and serializers that say what would be right, and refuse what they do not know."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from clinic.api.access import staff
from clinic.api.filtering import unknown
from patients import characters, mailboxes, phones, validators
from patients.birth_dates import BirthDate, partial
from patients.models import Site, StaffMember

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses unknown fields. The schema says `additionalProperties: false`."""

    def to_internal_value(self, data: Any) -> Any:
        wrong: dict[str, Any] = {}
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            wrong = {name: [unknown(name, known, "field")] for name in data if name not in known}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**error.detail, **wrong}) from None  # type: ignore[dict-item]
        if wrong:
            raise serializers.ValidationError(wrong)
        return value


class Nothing(Strict):
    """An action without facts: an empty body or `{}`."""


class Choice(serializers.ChoiceField):
    def __init__(self, choices: Any, **options: Any) -> None:
        names = ", ".join(str(value) for value, _ in getattr(choices, "choices", choices))
        wrong: dict[str, Any] = {"invalid_choice": f"Choose one of: {names}."}
        super().__init__(choices=getattr(choices, "choices", choices), error_messages=wrong, **options)


class Text(serializers.CharField):
    """A text field that takes JSON text only: DRF would also take 5 and make it “5”."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "Send text, in quotes."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PatientNumber(Text):
    """A patient number, without characters that nobody sees."""

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(characters.patient_number(data) if isinstance(data, str) else data)


class PersonName(Text):
    """A name, without characters that nobody sees."""

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(characters.person_name(data) if isinstance(data, str) else data)


class Phone(Text):
    """A phone number in any usual form; stored as E.164. Without + it belongs to the site's country.

    The site stands in the context, put there by the view or by the serializer around it. Where there is
    none, the site itself was refused, and so is the request.
    """

    def to_internal_value(self, data: Any) -> str:
        typed, site = super().to_internal_value(data), self.context.get("site")
        if site is None:
            return typed
        try:
            return phones.e164(typed, region=site.country)
        except phones.InvalidPhone as error:
            raise serializers.ValidationError(str(error)) from None


class Email(serializers.EmailField):
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "This is not an e-mail address. Write it like name@example.org."
    }

    def to_internal_value(self, data: Any) -> str:
        return mailboxes.spelt(super().to_internal_value(data))


class Checked(Text):
    """Text that one of `patients.validators` understands."""

    check: ClassVar[Any]

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        try:
            type(self).check(value)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from None
        return value


class Language(Checked):
    check = staticmethod(validators.language)


class Zone(Checked):
    check = staticmethod(validators.time_zone)


class Day(serializers.DateField):
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Write a day that exists, such as 2026-03-02.",
        "datetime": "Write a day such as 2026-03-02, without a time.",
        "far": "Write a day between 1900 and 2199.",
    }

    def to_internal_value(self, value: Any) -> date:
        if isinstance(value, str) and "T" in value:
            self.fail("datetime")
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("far")
        return day


@extend_schema_field({"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$", "example": "1965-04-02"})
class BirthDay(Day):
    """A day, or only a month or a year, as FHIR writes them: 1965-04-02, 1965-04, 1965. A value of `BirthDate`."""

    def to_internal_value(self, value: Any) -> Any:
        """A `BirthDate`, as far as it is known."""
        part = partial(value) if isinstance(value, str) else None
        if part is None:
            return BirthDate(super().to_internal_value(value))
        if not FIRST_DAY <= part.first <= LAST_DAY:
            self.fail("far")
        return part

    def to_representation(self, value: Any) -> str:
        """As it was given."""
        return str(value.isoformat())


class Moment(serializers.DateTimeField):
    """A date and time, always with an offset: 09:00 alone would be taken for 09:00 in London."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Write a date and time with its offset, such as 2026-03-02T10:00:00-05:00.",
        "date": "Write a date and time with its offset, such as 2026-03-02T10:00:00-05:00.",
        "naive": "Add the offset from UTC, such as 2026-03-02T10:00:00-05:00 or 2026-03-02T15:00:00Z.",
        "far": "Write a date and time between 1900 and 2199.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and len(value) <= len("2026-03-02"):
            self.fail("date")  # a day alone would be taken for its midnight
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        """The moment in UTC; refused without an offset or outside 1900 to 2199."""
        if timezone.is_naive(value):
            self.fail("naive")
        if not FIRST_DAY <= value.date() <= LAST_DAY:
            self.fail("far")
        return value.astimezone(UTC)


@extend_schema_field({"type": "string", "pattern": r"^\d{2}:\d{2}$", "example": "09:00"})
class ClockTime(serializers.Field[Any, Any, str, Any]):
    """A local time such as 09:00: no date and no zone, so not JSON Schema's `time`."""

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"


@extend_schema_field({"type": "string", "nullable": True})
class NameOf(serializers.StringRelatedField[Any]):
    """A staff member's name, or null."""


class OwnRow(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row of one's own sites; anybody else's is answered as one that does not exist."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "does_not_exist": "There is nothing with this id at your sites.",
        "incorrect_type": "Send its id, a whole number.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not int:
            self.fail("incorrect_type")
        return super().to_internal_value(data)

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        return self.own(rows, staff(self.context["request"]))

    def own(self, rows: Any, me: StaffMember) -> QuerySet[Any]:
        """Of `rows`, those of the caller's sites, so that nobody can refer to a row they may not see."""
        found: QuerySet[Any] = rows.for_staff(me)
        return found


class Colleague(OwnRow):
    def own(self, rows: Any, me: StaffMember) -> QuerySet[Any]:
        """Of `rows`, those of the caller's sites, so that nobody can refer to a row they may not see."""
        found: QuerySet[Any] = rows.filter(is_active=True, sites__in=own_sites(me)).distinct()
        return found


class ByCode(serializers.SlugRelatedField[Any]):
    default_error_messages: ClassVar[dict[str, Any]] = {
        "does_not_exist": "There is nothing with this code. GET its list for the codes.",
        "invalid": "Send its code, as text.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="code", **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:  # PostgreSQL would not even look for it
            self.fail("does_not_exist")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "description": "The code of a site you work at."})
class OwnSite(ByCode):
    default_error_messages: ClassVar[dict[str, Any]] = {
        "does_not_exist": "You work at no site with this code. GET sites/ lists yours."
    }

    def get_queryset(self) -> QuerySet[Any]:
        return own_sites(staff(self.context["request"]))


def own_sites(me: StaffMember) -> QuerySet[Site]:
    """The sites the caller works at."""
    return Site.objects.filter(memberships__staff=me).distinct()
