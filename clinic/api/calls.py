"""Calls to somebody whom no message could reach: each attempt with what came of it."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import staff
from clinic.api.fields import Choice, Moment, NameOf, Strict, Text
from clinic.api.problems import Conflict
from patients import clock
from patients.models import Surgery
from reminders import calls
from reminders.plan.models import CallAttempt, CallListOutcome

OUTCOME = "`reached` and `not_needed` close: all open messages of the person are settled. The others keep them open."


class CallSerializer(serializers.ModelSerializer[CallAttempt]):
    by = NameOf(read_only=True)

    class Meta:
        model = CallAttempt
        fields = ["id", "surgery", "outcome", "at", "by", "call_back_at", "note", "messages", "closed_by"]
        extra_kwargs = {
            "surgery": {"help_text": "The operation it was noted at; a call is about all operations of the patient."},
            "messages": {"help_text": "How many messages it settled."},
            "closed_by": {"help_text": "The later call that closed this one; null while it is open, or closes itself."},
        }


class CallOutcomeField(Choice):
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": f"Say what came of the call. Choose one of: {', '.join(CallListOutcome.values)}."
    }


class CallInput(Strict):
    outcome = CallOutcomeField(CallListOutcome, help_text=OUTCOME)
    call_back_at = Moment(
        required=False, allow_null=True, default=None,
        help_text="When to try again, with its offset. Required for call_back, possible for no_answer.",
    )  # fmt: skip
    note = Text(
        max_length=calls.NOTE_LENGTH, required=False, allow_blank=True, default="", help_text="Required for not_needed."
    )


@extend_schema(tags=["surgeries"])
class CallViewSet(viewsets.GenericViewSet[CallAttempt]):
    """Under a surgery. Everybody at the site calls, and reads what came of it."""

    queryset = CallAttempt.objects.none()
    serializer_class = CallSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(summary="Calls to this patient, the earliest first", responses=CallSerializer(many=True))
    def list(self, request: Request, surgery: int) -> Response:
        """Every attempt, at whichever operation of the patient, also of earlier times; none is ever taken back."""
        made = CallAttempt.objects.for_staff(staff(request)).filter(surgery__patient=self._surgery().patient_id)
        made = made.order_by("pk").with_caller()
        return Response(CallSerializer(made, many=True).data)

    @extend_schema(summary="Note a call", request=CallInput, responses={201: CallSerializer})
    def create(self, request: Request, surgery: int) -> Response:
        """What came of one call about the messages that could not be delivered (`to_call` of the reminders), of all
        operations of the patient. Whoever was promised a call back is called, also where no message is open any more.

        `409` where nothing is open for this patient any more."""
        of = self._surgery()
        given = CallInput(data=request.data)
        given.is_valid(raise_exception=True)
        attempt = calls.note_call(of, by=staff(request), now=clock.now(), **given.validated_data)
        if attempt is None:
            raise Conflict("No message of this patient waits for a call any more.")
        return Response(CallSerializer(attempt).data, status.HTTP_201_CREATED)

    def _surgery(self) -> Surgery:
        mine = Surgery.objects.for_staff(staff(self.request)).select_related("site", "patient")
        return get_object_or_404(mine, pk=self.kwargs["surgery"])
