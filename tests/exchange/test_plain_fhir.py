"""What is plainly FHIR is read without models: to the same rows, and never what the models would not take."""

import json
from datetime import date

import pytest
from fhir.resources.R4B.patient import Patient

from clinic.exchange.fhir import resources
from clinic.exchange.fhir.patients import from_lines
from clinic.exchange.fhir.plain import is_plain
from tests.exchange.test_fhir_patients import MR, a_resource
from tests.exchange.whole_sets import HERE, SHARED

TODAY = date(2026, 3, 2)
ADDRESS = {"system": "phone", "use": "mobile", "value": "1", "rank": 1, "period": {"start": "2014-01-01"}}
WHOLE = a_resource(
    active=True,
    identifier=[{"use": "usual", "type": MR | {"text": "MRN"}, "system": "urn:x", "value": "A-1"}],
    telecom=[ADDRESS, {"system": "email", "value": "ana@example.org", "period": {"end": "2027-01-01T10:00:00Z"}}],
    communication=[{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True}],
)


def published_patients():
    lines = (HERE / "Patient.synthea-6.ndjson").read_text().splitlines()
    if SHARED.is_dir():
        lines += (SHARED / "synthea-100-patients" / "Patient.000.ndjson").read_text().splitlines()
        for folder in ("hl7-r4-examples", "us-core-examples"):
            found = [path.read_text() for path in (SHARED / folder).glob("[Pp]atient-*.json")]
            lines += [json.dumps(json.loads(text)) for text in found]
    return [line for line in lines if line]


def known(resource):
    return {name: resource[name] for name in resources.READ if name in resource}


def test_published_patients_are_read_alike_with_models_and_without(monkeypatch):
    lines = [*published_patients(), json.dumps(WHOLE)]
    fast = list(from_lines(lines, today=TODAY))
    monkeypatch.setattr(resources, "is_plain", lambda _: False)

    assert list(from_lines(lines, today=TODAY)) == fast
    plain = [line for line in lines if is_plain(known(json.loads(line)))]
    assert len(plain) * 2 > len(lines)
    for line in plain:
        Patient.model_validate(known(json.loads(line)))


@pytest.mark.parametrize(
    "parts",
    [
        {"id": "a b"},
        {"id": "a" * 65},
        {"active": "true"},
        {"active": None},
        {"birthDate": "1965"},
        {"birthDate": "1965-02-30"},
        {"birthDate": "１９６５-04-02"},
        {"birthDate": 0},
        {"identifier": []},
        {"identifier": [{}]},
        {"identifier": [{"value": ""}]},
        {"identifier": [{"value": 5}]},
        {"identifier": [{"value": "1", "assigner": {"display": "x"}}]},
        {"identifier": [{"system": "two words", "value": "1"}]},
        {"name": [{"given": "Ana"}]},
        {"name": [{"given": [None]}]},
        {"name": [{"family": "\ud800"}]},
        {"name": [{"family": "Ru\x00iz"}]},
        {"name": {"family": "Ruiz"}},
        {"telecom": [ADDRESS | {"rank": 0}]},
        {"telecom": [ADDRESS | {"rank": True}]},
        {"telecom": [ADDRESS | {"use": " mobile"}]},
        {"telecom": [ADDRESS | {"period": {"end": "2014-13-01"}}]},
        {"telecom": [ADDRESS | {"period": {"end": "2014-01-01T10:00"}}]},
        {"telecom": [None]},
        {"communication": [{"preferred": True}]},
        {"link": [{"type": "replaced-by", "other": {"display": "x"}}]},
        {"_birthDate": {"extension": []}},
    ],
)
def test_what_is_not_plain_is_left_to_the_models(parts):
    assert is_plain(WHOLE)
    assert not is_plain(WHOLE | parts)
