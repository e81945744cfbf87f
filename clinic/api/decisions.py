"""Decisions about one plan: preview what would change, decide, release, undo."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import require_decider, staff
from clinic.api.fields import Choice, Day, NameOf, OwnRow, Strict, Text
from clinic.api.problems import renamed
from clinic.api.surgeries import ChangeSerializer, listed
from patients import clock
from patients.models import CheckUp, StaffMember, Surgery
from reminders import plan_changes
from reminders.plan import moved_check_ups, visit_calls
from reminders.plan.change_words import Names, told
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion
from reminders.plan.values import ChangeKind
from reminders.plan_changes import VERBS, Decided, Wish, rehearse

FIELDS = {  # which fields say what, of each kind; `reminders.plan.values.Decision` has the words
    ChangeKind.HOLD: {"starts", "ends"},
    ChangeKind.SHIFT: {"phase", "days"},
    ChangeKind.PACE: {"percent"},
    ChangeKind.SKIP: {"step", "occurrence"},
    ChangeKind.DELAY: {"step", "occurrence", "days"},
    ChangeKind.REPLACE: {"step", "occurrence", "to"},
    ChangeKind.ADD: {"step", "starts", "days", "ends"},
    ChangeKind.ORDER_PT: {"phase", "starts", "to"},
    ChangeKind.DATE: {"to"},
    ChangeKind.VERSION: {"version"},
    ChangeKind.CHECK_UP: {"check_up", "occurrence", "days"},
}
SKIPS: dict[str, Any] = {"step": "", "occurrence": None}
PATHS = {"date": ("to",)}
KINDS = [(kind.value, verb) for kind, verb in VERBS.items()]


class DecisionSerializer(serializers.ModelSerializer[PlanChange]):
    id = serializers.IntegerField(source="pk", allow_null=True, help_text="Null: a preview.")
    by, ended_by, undone_by = NameOf(read_only=True), NameOf(read_only=True), NameOf(read_only=True)
    kind = serializers.ChoiceField(choices=KINDS)
    words = serializers.SerializerMethodField(help_text="What was decided, in a sentence.")

    class Meta:
        model = PlanChange
        fields = [
            "id", "surgery", "kind", "words", "starts", "ends", "phase", "step", "check_up", "occurrence", "days",
            "percent", "to", "version", "why", "by", "at", "ended_by", "ended_at", "undone_by", "undone_at",
        ]  # fmt: skip

    def get_words(self, change: PlanChange) -> str:
        return told(change, self.context["names"])


class SeenInput(Strict):
    dry_run = serializers.BooleanField(default=False, help_text="Answer with what would change, and change nothing.")
    revision = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1,
        help_text="The revision of the plan you read. If it has changed since, nothing is done and the answer is 409.",
    )  # fmt: skip


class ReleaseInput(SeenInput):
    on = Day(required=False, help_text="The day from which the plan continues. Default: today.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Hold", {"kind": "hold", "starts": "2026-03-04", "why": "fever", "dry_run": True}, request_only=True
        ),
        OpenApiExample(
            "Postpone one message", {"kind": "delay", "step": "check-in-6", "days": 2, "why": "travels"},
            request_only=True,
        ),
    ]
)  # fmt: skip
class DecisionInput(SeenInput):
    """A decision. `kind` says which of the other fields are allowed; others are refused."""

    kind = Choice(KINDS)
    why = Text(max_length=200, help_text="The reason, in a few words, for whoever reads the plan later.")
    starts = Day(required=False, help_text="hold, order_pt, add: the first day. Default: today.")
    ends = Day(
        required=False, allow_null=True,
        help_text="hold: the day the plan continues. Default: when released. add: the last day. Default: once only.",
    )  # fmt: skip
    phase = Text(
        required=False, max_length=50, help_text="shift: the phase that moves; order_pt: the phase it starts with."
    )
    step = Text(
        required=False, max_length=70,
        help_text="skip, delay, replace, add: the step's code. skip takes a notice's too, as `visit-moved:six-weeks`.",
    )  # fmt: skip
    occurrence = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Which repeat of the step or check-up. Default: all.",
    )
    days = serializers.IntegerField(
        required=False,
        min_value=-365,
        max_value=365,
        help_text="shift, delay, check_up: days later; add: days between repeats.",
    )
    check_up = Text(required=False, max_length=50, help_text="check_up: the code of the check-up whose window moves.")
    percent = serializers.IntegerField(required=False, min_value=50, max_value=300, help_text="pace: 125 is slower.")
    to = Text(
        required=False, max_length=80,
        help_text="replace: the step whose text is sent; order_pt: `ordered` or `ordered_early`; date: the new day.",
    )  # fmt: skip
    version = OwnRow(
        queryset=ProtocolVersion.objects.all(), required=False, help_text="version: the id of a signed version."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = ChangeKind(attrs["kind"])
        known = FIELDS[kind] | {"kind", "why", "dry_run", "revision"}
        takes = ", ".join(sorted(FIELDS[kind]))
        if wrong := {name: [f"“{kind}” takes {takes}. Leave this out."] for name in attrs if name not in known}:
            raise serializers.ValidationError(wrong)
        return attrs


class DecidedSerializer(serializers.Serializer[Any]):
    decision = DecisionSerializer()
    revision = serializers.IntegerField(help_text="The plan's revision now; send it back when you decide.")
    changes = ChangeSerializer(many=True, help_text="What changed, or would change. What was sent stays.")
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="To be read before it is saved: a safety check-up that comes later."
    )


@extend_schema(tags=["decisions"])
@extend_schema_view(list=extend_schema(summary="Decisions about one plan, including undone ones; latest first"))
class DecisionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[PlanChange]):
    """Below a surgery. Everybody at the site reads; surgeons and managers decide."""

    queryset = PlanChange.objects.none()
    serializer_class = DecisionSerializer
    filter_backends = []
    page_by = "-pk"

    def get_queryset(self) -> QuerySet[PlanChange]:
        return _rows(staff(self.request)).filter(surgery=self._surgery())

    def get_serializer_context(self) -> dict[str, Any]:
        known = dict(super().get_serializer_context())
        return known if getattr(self, "swagger_fake_view", False) else known | {"names": _names(self._surgery())}

    @extend_schema(request=DecisionInput, responses={200: DecidedSerializer, 201: DecidedSerializer})
    def create(self, request: Request, surgery: int) -> Response:
        """Decide. With `dry_run` the answer (200) is what would change, and nothing is kept.

        hold, pace and shift move what is of the nature `activity`; what is `safety` keeps its days, unless `delay` puts
        a message off or `check_up` moves the window of a check-up.
        """
        of = self._surgery()
        me = require_decider(request, of.site, to="change a plan")
        given = _given(DecisionInput, request, self.get_serializer_context())
        facts = {name: given[name] for name in FIELDS[ChangeKind(given["kind"])] if name in given}
        kind = ChangeKind(given["kind"])
        wish = Wish.skipping(**SKIPS | facts) if kind == ChangeKind.SKIP else Wish(kind, **facts)

        def act() -> Decided:
            seen = given.get("revision")
            return plan_changes.decide(of, wish, why=given["why"], by=me, now=clock.now(), revision=seen)

        return _answer(act, given, created=True)

    @extend_schema(request=ReleaseInput, responses=DecidedSerializer)
    @action(detail=False, methods=["post"])
    def release(self, request: Request, surgery: int) -> Response:
        """The held plan runs on: activity that waited comes as many days later as it was held. Safety never waited."""
        of = self._surgery()
        me = require_decider(request, of.site, to="release a plan")
        given = _given(ReleaseInput, request, self.get_serializer_context())

        def act() -> Decided:
            seen = given.get("revision")
            return plan_changes.release(of, on=given.get("on"), by=me, now=clock.now(), revision=seen)

        return _answer(act, given)

    def _surgery(self) -> Surgery:
        mine = Surgery.objects.for_staff(staff(self.request)).select_related("site", "care_plan__version")
        return get_object_or_404(mine, pk=self.kwargs["surgery"])


@extend_schema(tags=["decisions"])
class TakingBackViewSet(viewsets.GenericViewSet[PlanChange]):
    queryset = PlanChange.objects.none()
    serializer_class = DecisionSerializer
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[PlanChange]:
        return _rows(staff(self.request))

    @extend_schema(request=SeenInput, responses=DecidedSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Undo a decision: the plan is as if it had never been made, apart from what was sent. Idempotent."""
        change = self.get_object()
        me = require_decider(request, change.site, to="undo a decision")
        given = _given(SeenInput, request, dict(self.get_serializer_context()))
        return _answer(lambda: plan_changes.undo(change, by=me, now=clock.now(), revision=given.get("revision")), given)


def _rows(me: StaffMember) -> QuerySet[PlanChange]:
    people = ("by", "ended_by", "undone_by")
    return PlanChange.objects.for_staff(me).select_related(
        "site", "surgery__care_plan__version", "version__protocol", "was_version__protocol", *people
    )


def _given(shape: type[Strict], request: Request, context: dict[str, Any]) -> dict[str, Any]:
    given = shape(data=request.data, context=context)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _answer(act: Callable[[], Decided], given: dict[str, Any], *, created: bool = False) -> Response:
    looked = given["dry_run"]
    try:
        decided, names, warnings = rehearse(lambda: _named(act)) if looked else _named(act)
    except ValidationError as error:
        raise renamed(error, PATHS) from None
    change = decided.change
    if looked and created:
        change.pk = None
    plan = CarePlan.objects.select_related("version").get(surgery=change.surgery_id)
    body = {"decision": change, "revision": plan.revision, "changes": listed(decided.changes), "warnings": warnings}
    answer = DecidedSerializer(body, context={"names": names})
    return Response(answer.data, status.HTTP_201_CREATED if created and not looked else status.HTTP_200_OK)


def _named(act: Callable[[], Decided]) -> tuple[Decided, Names, tuple[str, ...]]:
    """The words and warnings are those of the plan as it is once that was done."""
    decided = act()
    plan = CarePlan.objects.select_related("version").get(surgery=decided.change.surgery_id)
    warnings = moved_check_ups.warnings(decided.change, plan.version, _check_ups(decided.change.surgery_id))
    warnings += visit_calls.called_instead(decided.changes)
    return decided, Names.of_plan(decided.change.surgery, plan.version), warnings


def _check_ups(surgery: int) -> QuerySet[CheckUp]:
    return CheckUp.objects.filter(surgery=surgery).select_related("site").order_by("window_opens", "pk")


def _names(surgery: Surgery) -> Names:
    return Names.of_plan(surgery, surgery.care_plan.version)
