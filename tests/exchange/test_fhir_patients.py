import json
from datetime import date

import pytest

from clinic.exchange.fhir.patients import patients
from clinic.exchange.import_rows import Why

TODAY = date(2026, 3, 2)
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


def a_resource(**parts):
    """The least a patient needs; a part given as None is left out."""
    whole = {
        "resourceType": "Patient",
        "id": "abc",
        "name": [{"use": "official", "family": "Ruiz", "given": ["Ana", "María"]}],
        "birthDate": "1965-04-02",
    } | parts
    return {name: part for name, part in whole.items() if part is not None}


def read(*resources):
    lines = [one if isinstance(one, str) else json.dumps(one) for one in resources]
    return list(patients("\n".join(lines), today=TODAY))


def read_one(**parts):
    return read(a_resource(**parts))[0]


def whys(row):
    return [fault.why for fault in row.faults]


def test_name_birthday_and_line_are_read():
    row = read("", a_resource())[0]

    assert (row.given_name, row.family_name, row.birth_date, row.place.line) == ("Ana", "Ruiz", date(1965, 4, 2), 2)
    assert not row.faults
    assert not row.warnings


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        ([{"value": "first"}, {"type": MR, "value": "record"}], "record"),
        ([{"use": "old", "type": MR, "value": "was"}, {"type": MR, "value": "is"}], "is"),
        ([{"system": "urn:x"}, {"value": "first"}], "first"),
        ([], "abc"),
        (None, "abc"),
    ],
)
def test_the_number_is_the_medical_record_number_else_the_first_identifier_else_the_id(identifiers, number):
    assert read_one(identifier=identifiers or None).number == number


@pytest.mark.parametrize(
    ("names", "read_as"),
    [
        ([{"use": "old", "family": "A"}, {"family": "B", "given": ["C"]}], ("C", "B")),
        (
            [{"use": "usual", "family": "A", "given": ["Z"]}, {"use": "official", "family": "B", "given": ["C"]}],
            ("C", "B"),
        ),
        ([{"use": "maiden", "family": "A", "given": ["Z"]}], ("", "")),
        ([{"use": "official", "text": "张无忌"}], ("张无忌", "")),
        ([{"text": "Ana María Ruiz"}], ("Ana María Ruiz", "")),  # where the family name begins is not known
        ([{"text": "Ruiz Peña, Ana"}], ("Ana", "Ruiz Peña")),
        ([{"given": ["Ana"], "text": "Ana Ruiz"}], ("Ana", "Ruiz")),
        ([{"family": "Ruiz", "text": "Ruiz, Ana"}], ("Ana", "Ruiz")),
        ([{"family": "Ruiz", "text": "Ana Ruiz"}], ("Ana", "Ruiz")),
        ([{"family": "Sukarno", "text": "Sukarno"}], ("", "Sukarno")),
        ([{"given": ["Ana"], "text": "Anabel Ruiz"}], ("Ana", "")),
        ([{"given": ["Ana"], "family": "Ruiz", "text": "Eva Sol"}], ("Ana", "Ruiz")),
        (None, ("", "")),
    ],
)
def test_the_official_name_is_preferred_and_a_name_no_longer_used_is_not_taken(names, read_as):
    row = read_one(name=names)

    assert (row.given_name, row.family_name) == read_as


@pytest.mark.parametrize(
    ("communication", "language"),
    [
        ([("es", True), ("en", False)], "es"),
        ([("en", False), ("es", True)], "es"),
        ([("en-us", None), ("es", None)], "en-US"),
        ([], ""),
    ],
)
def test_the_preferred_language_is_read(communication, language):
    parts = [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}}
        | ({"preferred": p} if p is not None else {})
        for code, p in communication
    ]

    assert read_one(communication=parts or None).language == language


def test_the_number_that_takes_texts_comes_first():
    telecom = [
        {"system": "phone", "use": "work", "value": "work", "rank": 1},
        {"system": "phone", "use": "home", "value": "home"},
        {"system": "phone", "use": "mobile", "value": "second mobile", "rank": 2},
        {"system": "phone", "use": "mobile", "value": "mobile", "rank": 1},
        {"system": "sms", "value": "sms"},
        {"system": "fax", "value": "fax"},
    ]

    assert read_one(telecom=telecom).phones == ("sms", "mobile", "second mobile", "home", "work")


@pytest.mark.parametrize(
    ("part", "taken"),
    [
        ({"use": "old"}, False),
        ({"period": {"end": "2014"}}, False),
        ({"period": {"end": "2026"}}, True),
        ({"period": {"end": "2026-02"}}, False),
        ({"period": {"end": "2026-03-01"}}, False),
        ({"period": {"end": "2027-01-01T10:00:00Z"}}, True),
        ({"period": {"start": "2014"}}, True),
    ],
)
def test_an_address_that_has_ended_is_not_taken(part, taken):
    row = read_one(telecom=[{"system": "email", "value": "ana@example.org"} | part])

    assert bool(row.emails) == taken


@pytest.mark.parametrize(
    ("parts", "dead"),
    [
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False),
        ({"deceasedDateTime": "2020"}, True),
        ({"deceasedDateTime": "some time ago"}, True),
        ({"deceasedDateTime": "2020", "deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2020", "birthDate": "long ago"}, True),
        ({}, False),
    ],
)
def test_a_death_is_noticed_however_it_is_written(parts, dead):
    assert read_one(**parts).dead == dead


@pytest.mark.parametrize("died", ["2062", "2026-04", "2026-03-04", "2026-03-04T10:00:00Z"])
def test_a_death_in_the_future_is_a_typing_error_and_no_death(died):
    row = read_one(deceasedDateTime=died)

    assert (row.dead, row.alive, whys(row)) == (False, False, [Why.DATE])
    assert "in the future" in row.faults[0].says


def test_who_lives_in_so_many_words_is_known_to():
    assert read_one(deceasedBoolean=False).alive
    assert not read_one().alive
    assert read_one(deceasedDateTime="2026-03-02T10:00:00Z").died_on == TODAY


@pytest.mark.parametrize("parts", [{"active": False}, {"link": [{"type": "replaced-by", "other": {"display": "x"}}]}])
def test_a_record_no_longer_in_use_is_marked(parts):
    assert not read_one(**parts).in_use


@pytest.mark.parametrize(
    ("born", "first", "known"),
    [
        ("1965", date(1965, 1, 1), "year"),
        ("1965-04", date(1965, 4, 1), "month"),
        ("1965-04-02", date(1965, 4, 2), "day"),
    ],
)
def test_a_year_or_a_month_of_birth_is_taken_as_such(born, first, known):
    row = read_one(birthDate=born)

    assert (row.birth_date, row.birth_known, row.faults) == (first, known, ())


@pytest.mark.parametrize("born", ["1965-13", "0000", "02/04/1965", "1965-02-30", 1965, 0, 86_400, "19650402"])
def test_a_birthday_that_is_no_date_is_a_bad_date(born):
    row = read_one(birthDate=born)

    assert whys(row) == [Why.DATE]
    assert "1965-04-02" in row.faults[0].says


def test_what_is_not_read_may_be_anything():
    row = read_one(extension="nonsense", photo=5, contact=[{"x": 1}], text=None, madeUp=True)

    assert not row.faults
    assert not row.warnings


def test_unknown_keys_inside_what_is_read_are_passed_over():
    row = read_one(telecom=[{"system": "phone", "value": "1", "note": "after 5"}])

    assert row.phones == ("1",)
    assert not row.warnings


def test_one_broken_address_is_left_out_and_the_others_are_taken():
    telecom = [{"system": "phone", "value": 5}, {"system": "phone", "value": "1"}, {"system": 1, "value": {}}, None]

    row = read_one(telecom=telecom[:3])

    assert row.phones == ("1",)
    assert [warning.says for warning in row.warnings] == [
        "telecom.0 does not follow FHIR R4 and was left out.",
        "telecom.2 does not follow FHIR R4 and was left out.",
    ]


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ({"name": [{"given": "Ana"}]}, "name.0.given"),
        ({"name": "Ana Ruiz"}, "name"),
        ({"identifier": [{"value": 5}]}, "identifier.0.value"),
        ({"id": "a b"}, "id"),
    ],
)
def test_a_part_we_cannot_do_without_that_is_not_fhir_refuses_the_row_and_names_the_place(parts, where):
    row = read_one(**parts)

    assert whys(row) == [Why.UNREADABLE]
    assert where in row.faults[0].says


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "not a FHIR resource"),
        ("5", "not a FHIR resource"),
        ('{"resourceType": 5}', "not a FHIR resource"),
        ('{"resourceType": "Organization"}', "another kind"),
        ("[" * 100_000, "not JSON"),
        ('{"resourceType": "Patient", "id": "\\ud800"}', "FHIR R4"),
    ],
)
def test_a_line_that_is_no_patient_is_refused_and_the_next_is_read(line, says):
    first, second = read(line, a_resource())

    assert says in first.faults[0].says
    assert not second.faults


def test_no_sentence_repeats_a_name_or_a_number():
    row = read_one(name=[{"family": "Secretname", "given": 5}], telecom=[{"system": 5, "value": "2025550123"}])

    said = " ".join(fault.says for fault in (*row.faults, *row.warnings))
    assert said
    assert "Secretname" not in said + repr(row)
    assert "2025550123" not in said + repr(row)
