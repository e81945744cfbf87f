"""Lists of rows that belong to a patient are searched as the board is, and by what the list itself has."""

from typing import Any, ClassVar

from django.db.models import Q
from django.http import HttpRequest

from patients.models import Patient


class FoundByPatient:
    """`found_by_patient`: the way from a row to its patient. Nobody is found at a site that is not the reader's."""

    found_by_patient: ClassVar[str]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)  # type: ignore[misc]
        if not search_term:
            return found, duplicates
        people = Patient.objects.for_staff(request.user).matching(search_term)  # type: ignore[arg-type]
        fits = Q(pk__in=found.values("pk")) | Q(**{f"{self.found_by_patient}__in": people.values("pk")})
        return queryset.filter(fits), duplicates
