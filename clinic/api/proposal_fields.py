"""One proposal of the four factors as the API shows it: on a plan that runs, and before an enrolment."""

from typing import Any

from rest_framework import serializers

from reminders.plan.change_words import FACTORS, proposed, weighed
from reminders.plan.pace import Proposal
from reminders.plan.values import Factor, Proposes

KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in Proposes]
AMOUNT = "Of a pace: percent of the protocol's own lengths. Of check-ins: days from one to the next. Else null."


class ShareSerializer(serializers.Serializer[Any]):
    factor = serializers.ChoiceField(choices=[(one.value, FACTORS[one]) for one in Factor])
    amount = serializers.IntegerField(allow_null=True, help_text=AMOUNT)
    reason = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    proposes = serializers.ChoiceField(choices=KINDS)
    amount = serializers.IntegerField(allow_null=True, help_text=AMOUNT)
    words = serializers.CharField(source="in_words", help_text="What would be done.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Each fact that speaks for it.")
    shares = ShareSerializer(many=True, help_text="What each factor gives. The most cautious counts; none are added.")
    weighed = serializers.SerializerMethodField(help_text="The same in a sentence.")

    def get_weighed(self, proposal: Proposal) -> str:
        return weighed(proposal)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return dict(super().to_representation(instance)) | {"words": proposed(instance)}
