"""The URLs of the API. Every address ends with a slash."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from clinic.api.alerts import AlertViewSet
from clinic.api.auth import SignIn, SignOut, SignOutEverywhere
from clinic.api.calls import CallViewSet
from clinic.api.check_ins import CheckInViewSet
from clinic.api.check_ups import CheckUpViewSet
from clinic.api.coverage import CoverageViewSet
from clinic.api.decisions import DecisionViewSet, TakingBackViewSet
from clinic.api.patients import PatientViewSet
from clinic.api.procedures import ProcedureViewSet
from clinic.api.proposals import ProposalViewSet
from clinic.api.protocols import ProtocolViewSet
from clinic.api.reminders import ReminderViewSet
from clinic.api.sites import SiteViewSet
from clinic.api.surgeries import SurgeryViewSet
from clinic.api.therapy import TherapySessionViewSet


class Nowhere(APIView):
    """Answers unknown addresses with a problem document, like every other error."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Raise 404 before sign-in is asked for."""
        raise NotFound("There is nothing at this address. Addresses end with a slash; see /api/v1/docs/.")

    def get(self, request: Request) -> Response:
        return Response()


router = SimpleRouter(use_regex_path=False)
router.register("patients", PatientViewSet, "patients")
router.register("surgeries", SurgeryViewSet, "surgeries")
router.register("decisions", TakingBackViewSet, "decisions")
router.register("reminders", ReminderViewSet, "reminders")
router.register("coverage", CoverageViewSet, "coverage")
router.register("check-ups", CheckUpViewSet, "check-ups")
router.register("alerts", AlertViewSet, "alerts")
router.register("check-ins", CheckInViewSet, "check-ins")
router.register("therapy-sessions", TherapySessionViewSet, "therapy-sessions")
router.register("protocols", ProtocolViewSet, "protocols")
router.register("procedures", ProcedureViewSet, "procedures")
router.register("sites", SiteViewSet, "sites")

app_name = "api"
urlpatterns = [
    path("auth/token/", SignIn.as_view(), name="sign-in"),
    path("auth/token/revoke/", SignOut.as_view(), name="sign-out"),
    path("auth/token/revoke-all/", SignOutEverywhere.as_view(), name="sign-out-everywhere"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
    path(
        "surgeries/<int:surgery>/decisions/",
        DecisionViewSet.as_view({"get": "list", "post": "create"}),
        name="surgery-decisions",
    ),
    path(
        "surgeries/<int:surgery>/calls/", CallViewSet.as_view({"get": "list", "post": "create"}), name="surgery-calls"
    ),
    path("surgeries/<int:surgery>/release/", DecisionViewSet.as_view({"post": "release"}), name="surgery-release"),
    path("surgeries/<int:surgery>/proposals/", ProposalViewSet.as_view({"get": "list"}), name="surgery-proposals"),
    path(
        "surgeries/<int:surgery>/proposals/<slug:what>/",
        ProposalViewSet.as_view({"post": "decide"}),
        name="surgery-proposal",
    ),
    *router.urls,
    re_path(r"^", Nowhere.as_view()),
]
