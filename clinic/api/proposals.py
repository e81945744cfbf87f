"""Proposals for the pace of one plan; a surgeon accepts or declines."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import require_decider, staff
from clinic.api.decisions import DecisionSerializer
from clinic.api.fields import Choice, NameOf, Strict, Text
from patients import clock
from patients.models import Surgery
from reminders import pace_proposals
from reminders.plan.change_words import Names, proposed
from reminders.plan.models import PaceProposal
from reminders.plan.models.pace import ProposalState
from reminders.plan.values import Proposes

KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in Proposes]
AMOUNT = "Of a pace: percent of the protocol's own lengths. Of check-ins: days from one to the next. Else null."


class ProposalSerializer(serializers.Serializer[Any]):
    proposes = serializers.ChoiceField(choices=KINDS)
    amount = serializers.IntegerField(allow_null=True, help_text=AMOUNT)
    words = serializers.CharField(source="in_words", help_text="What would be done.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Each fact that supports it.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return dict(super().to_representation(instance)) | {"words": proposed(instance)}


class AnswerInput(Strict):
    state = Choice([state for state in ProposalState.choices if state[0] in ("accepted", "declined")])
    reasons = serializers.ListField(
        child=Text(max_length=200), max_length=50, allow_empty=False,
        help_text="The reasons you were shown: if they have changed since, nothing is done.",
    )  # fmt: skip


class AnsweredSerializer(serializers.ModelSerializer[PaceProposal]):
    proposes = serializers.ChoiceField(choices=KINDS)
    reasons = serializers.ListField(child=serializers.CharField())
    decided_by = NameOf(read_only=True)
    decision = DecisionSerializer(source="change", allow_null=True, help_text="The decision that accepting it made.")

    class Meta:
        model = PaceProposal
        fields = ["surgery", "proposes", "amount", "reasons", "state", "decided_by", "decided_at", "decision"]


@extend_schema(tags=["decisions"])
class ProposalViewSet(viewsets.GenericViewSet[PaceProposal]):
    """Below a surgery. Everybody at the site reads; surgeons and managers decide."""

    queryset = PaceProposal.objects.none()
    serializer_class = ProposalSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(summary="What is proposed now, with its reasons", responses=ProposalSerializer(many=True))
    def list(self, request: Request, surgery: int) -> Response:
        """Worked out from the patient's facts today; nothing is done until somebody decides."""
        return Response(ProposalSerializer(pace_proposals.offered(self._surgery(), now=clock.now()), many=True).data)

    @extend_schema(request=AnswerInput, responses=AnsweredSerializer)
    def decide(self, request: Request, surgery: int, what: str) -> Response:
        """Accept it, which does what it says, or decline it: then it is not proposed again for the same reasons."""
        of = self._surgery()
        me = require_decider(request, of.site, to="decide about a proposal")
        given = AnswerInput(data=request.data)
        given.is_valid(raise_exception=True)
        act = (
            pace_proposals.accept if given.validated_data["state"] == ProposalState.ACCEPTED else pace_proposals.decline
        )
        kept = act(of, what, reasons=given.validated_data["reasons"], by=me, now=clock.now())
        return Response(AnsweredSerializer(kept, context={"names": Names.of(of.care_plan.version)}).data)

    def _surgery(self) -> Surgery:
        mine = Surgery.objects.for_staff(staff(self.request))
        related = mine.select_related("site", "procedure", "patient", "care_plan__version")
        return get_object_or_404(related, pk=self.kwargs["surgery"])
