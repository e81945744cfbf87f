"""Proposals for the pace of one plan; a surgeon accepts or declines."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import require_decider, staff
from clinic.api.decisions import DecisionSerializer, SeenInput
from clinic.api.fields import Choice, NameOf, Text
from clinic.api.proposal_fields import KINDS, ProposalSerializer
from clinic.api.surgeries import ChangeSerializer, listed
from patients import clock
from patients.models import StaffMember, Surgery
from reminders import pace_proposals
from reminders.plan.change_words import Names
from reminders.plan.models import CarePlan, PaceProposal
from reminders.plan.models.pace import ProposalState
from reminders.plan.row_diff import Changes
from reminders.plan_changes import rehearse


class AnswerInput(SeenInput):
    state = Choice([state for state in ProposalState.choices if state[0] in ("accepted", "declined")])
    reasons = serializers.ListField(
        child=Text(max_length=200), max_length=50, allow_empty=False,
        help_text="The reasons you were shown: if they have changed since, nothing is done.",
    )  # fmt: skip


class AnsweredSerializer(serializers.ModelSerializer[PaceProposal]):
    proposes = serializers.ChoiceField(choices=KINDS)
    reasons = serializers.ListField(child=serializers.CharField())
    decided_by = NameOf(read_only=True)
    decision = DecisionSerializer(source="change", allow_null=True, help_text="What accepting it did to the plan.")
    revision = serializers.SerializerMethodField(help_text="Of the plan as it is now; send it back when you accept.")
    changes = serializers.SerializerMethodField(help_text="What became or would become different in the plan.")

    class Meta:
        model = PaceProposal
        fields = [
            "surgery", "proposes", "amount", "reasons", "state", "decided_by", "decided_at", "decision", "revision",
            "changes",
        ]  # fmt: skip

    def get_revision(self, _kept: PaceProposal) -> int:
        return int(self.context["revision"])

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, _kept: PaceProposal) -> Any:
        return ChangeSerializer(self.context["changes"], many=True).data


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
        """Accept it, which does what it says, or decline it: then it is not proposed again for the same reasons.

        With `dry_run` the answer is what accepting would change, and nothing is kept.
        """
        of = self._surgery()
        me = require_decider(request, of.site, to="decide about a proposal")
        given = AnswerInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(_answered(of, what, given.validated_data, by=me))

    def _surgery(self) -> Surgery:
        mine = Surgery.objects.for_staff(staff(self.request))
        related = mine.select_related("site", "procedure", "patient", "care_plan__version")
        return get_object_or_404(related, pk=self.kwargs["surgery"])


def _answered(of: Surgery, what: str, given: dict[str, Any], *, by: StaffMember) -> Any:
    told: dict[str, Any] = {"reasons": given["reasons"], "by": by, "now": clock.now()}

    def act() -> tuple[PaceProposal, Changes]:
        if given["state"] == ProposalState.DECLINED:
            return pace_proposals.decline(of, what, **told), Changes()
        accepted = pace_proposals.carry_out(of, what, **told, revision=given.get("revision"))
        return accepted.kept, accepted.decided.changes if accepted.decided else Changes()

    kept, changes = rehearse(act) if given["dry_run"] else act()
    if given["dry_run"] and kept.change:
        kept.change.pk = None
    plan = CarePlan.objects.select_related("version").get(surgery=of)
    context = {"names": Names.of(plan.version), "revision": plan.revision, "changes": listed(changes)}
    return AnsweredSerializer(kept, context=context).data
