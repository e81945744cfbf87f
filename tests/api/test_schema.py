"""The description is whole, says the truth, and no input it can think of breaks a door."""

from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from knox.models import AuthToken
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from clinic.wsgi import application
from reminders.plan.models import PlanChange
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from reminders.replies.alerts.raising import raise_alert
from reminders.replies.models import Alert
from reminders.replies.models.alert import Level
from tests.given import NOW
from tests.size import sized

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
schema.config.phases.coverage.enabled = False  # every verb at every door: minutes of 405s


@pytest.fixture
def one_connection():
    """As Django's own test client does: a request's end must not close the connection the test's transaction is on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(owner):
    return AuthToken.objects.create(user=owner)[1]


def an_alert(surgery: Any) -> Alert:
    return raise_alert(site=surgery.site, surgery=surgery, level=Level.R, signs=["unanswered"], now=NOW)


def a_decision(surgery: Any) -> PlanChange:
    return decide(surgery, Wish(ChangeKind.PACE, percent=120), why="age", by=surgery.surgeon, now=NOW).change


def aimed(case: Any, surgery: Any) -> None:
    """At rows that exist: a made-up id would only ever meet the 404."""
    ids = {
        "patients": surgery.patient_id,
        "surgeries": surgery.pk,
        "reminders": surgery.reminders.planned().values_list("pk", flat=True).first(),
        "alerts": surgery.alerts.values_list("pk", flat=True).first() or an_alert(surgery).pk,
        "decisions": (surgery.plan_changes.first() or a_decision(surgery)).pk,
        "check-ups": surgery.check_ups.values_list("pk", flat=True).first(),
        "check-ins": surgery.check_ins.values_list("pk", flat=True).first(),
        "therapy-sessions": surgery.therapy_sessions.values_list("pk", flat=True).first() or 0,
        "protocols": surgery.care_plan.version.protocol_id,
        "procedures": "miss",
        "sites": "riverside",
    }
    real = {"contact": surgery.patient.contacts.first().pk, "number": 1}
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real.get(name) or ids[case.operation.path.split("/")[3]]
    if isinstance(case.body, dict):
        known = {"patient": surgery.patient_id, "surgeon": surgery.surgeon_id, "procedure": "miss", "site": "riverside"}
        case.body |= {name: value for name, value in known.items() if name in case.body}


@schema.parametrize()
@settings(
    max_examples=sized(build=2, full=10),
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_input_breaks_a_door(case, surgery, token, one_connection):
    case.headers["Authorization"] = f"Bearer {token}"
    for aim in (False, True):
        if aim:
            aimed(case, surgery)
        case.call_and_validate(checks=CHECKS)


def test_the_description_is_valid_and_without_warnings():
    out = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)

    assert "openapi: 3" in out.getvalue()


def test_the_description_names_the_token_and_forbids_unknown_fields():
    document = Client().get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()

    assert document["components"]["securitySchemes"]["token"]["scheme"].lower() == "bearer"
    assert document["components"]["schemas"]["SurgeryInputRequest"]["additionalProperties"] is False
    enrol = document["paths"]["/api/v1/surgeries/"]["post"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in enrol["parameters"]}
    assert len(enrol["requestBody"]["content"]["application/json"]["examples"]) == 2
