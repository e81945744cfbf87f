"""Names saved in another alphabet's encoding: noticed, and the likely one named."""

import pytest

from clinic.exchange.import_rows import UnusableInput
from clinic.exchange.letters import likely, refuse_other_alphabet


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["José", "Núñez"], "mac_roman"),
        (["María"], "mac_roman"),
        (["JOSÉ", "MUÑOZ"], "mac_roman"),
        (["Łukasz", "Żak"], "cp1250"),
        (["Świątek"], "iso8859-2"),
        (["Ольга"], "cp1251"),
        (["Ольга", "Сергей"], "koi8-r"),
        (["Γιώργος", "Παπαδόπουλος"], "cp1253"),
        (["José"], "cp850"),
        (["Ольга"], "cp866"),
        (["José", "Müller", "O’Brien", "Smith–Jones", "Zoë", "Ñáñez", "Øye", "ÅSE", "Éva"], "cp1252"),
        (["O’Brien"], "cp1252"),
        (["Smith–Jones"], "cp1252"),
    ],
)
def test_the_encoding_in_which_names_make_sense_is_found(names, encoding):
    found = likely([name.encode(encoding) for name in names])

    assert found is not None
    assert found.codec == encoding


def test_another_alphabet_is_refused_as_a_whole_with_what_to_say():
    with pytest.raises(UnusableInput, match=r"line 7.*Mac Roman.*--encoding mac_roman"):
        refuse_other_alphabet(["José".encode("mac_roman")], 7)
    refuse_other_alphabet(["José".encode("cp1252")], 7)
    refuse_other_alphabet(["Peña½".encode("cp1252")], 7)
