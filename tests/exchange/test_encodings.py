import pytest

from clinic.exchange.encodings import damaged, decode
from clinic.exchange.import_rows import UnusableInput

TEXT = "number;given_name\nA-1;José\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_is_read_however_the_spreadsheet_saved_it(encoding):
    assert decode(TEXT.encode(encoding))[0] == TEXT


def test_utf_16_with_a_big_endian_mark_is_read():
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == (TEXT, "utf-16")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8brest", "unpack"),
        (b"number\nA-1\x00\xff\xfe\x81", "encoding"),
        (b"given_name\nJos\x81", "neither UTF-8, UTF-16 nor Windows-1252"),
        (b"\xef\xbb\xbfJos\xe9", "neither"),
    ],
)
def test_what_is_no_text_is_refused_with_a_sentence(raw, says):
    with pytest.raises(UnusableInput, match=says):
        decode(raw)


def test_an_empty_file_is_empty_text():
    assert decode(b"") == ("", "utf-8")


@pytest.mark.parametrize("name", ["JosÃ©", "MarÃ\xada", "Jos\ufffd", "Ã\x81ngel"])
def test_letters_lost_by_a_wrong_encoding_are_noticed(name):
    assert damaged(name)


@pytest.mark.parametrize("name", ["José", "Ángel", "Łukasz", "張無忌", "O’Neill", "Ana", "Ãngela"])
def test_real_names_are_not_taken_for_damaged(name):
    assert not damaged(name)
