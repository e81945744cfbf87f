import pytest

from clinic.exchange import tables
from clinic.exchange.import_rows import UnusableInput
from clinic.exchange.tables import Columns

COLUMNS = Columns(needed=("number", "name"), optional=("phone",))


def rows(text):
    return [(r.place.line, dict(r.cells), [f.says for f in r.faults]) for r in tables.read(text, COLUMNS).records()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_spreadsheet_s_delimiter_and_line_end_is_read(delimiter, end):
    text = end.join([delimiter.join(["Number", "NAME"]), delimiter.join(["1", "Ana"]), ""])

    assert rows(text) == [(2, {"number": "1", "name": "Ana"}, [])]


def test_a_line_that_only_names_the_delimiter_is_passed_over():
    assert rows("sep=;\nnumber;name\n1;Ana") == [(3, {"number": "1", "name": "Ana"}, [])]


def test_header_names_may_come_in_any_order_and_writing():
    assert tables.read("Phone, NAME ,number\n", COLUMNS).header == ["phone", "name", "number"]


def test_empty_lines_are_passed_over_and_lines_still_count_as_the_editor_shows_them():
    assert [row[0] for row in rows("number,name\n\n1,Ana\n,,\n\n2,Bo\n")] == [3, 6]


def test_missing_columns_are_named_all_at_once():
    with pytest.raises(UnusableInput, match="Columns missing: number, name"):
        tables.read("nummer,nom\n", COLUMNS)


def test_a_column_named_twice_is_refused():
    with pytest.raises(UnusableInput, match="twice: name"):
        tables.read("number,name,name\n", COLUMNS)


def test_an_empty_file_is_told_what_it_should_begin_with():
    with pytest.raises(UnusableInput, match=r"empty.*number, name"):
        tables.read(" \n", COLUMNS)


def test_extra_columns_are_ignored_and_named():
    assert tables.read("number,name,shoe size\n", COLUMNS).notes == ["Columns ignored: shoe_size."]


def test_a_row_with_too_many_cells_is_refused_because_they_may_stand_in_the_wrong_columns():
    (line, _, says) = rows("number,name\n1,Ruiz, Ana\n")[0]

    assert (line, len(says)) == (2, 1)
    assert "more cells than the header" in says[0]


def test_empty_cells_beyond_the_header_do_no_harm():
    assert rows("number,name\n1,Ana,,\n") == [(2, {"number": "1", "name": "Ana"}, [])]


def test_a_short_row_has_empty_cells():
    assert rows("number,name,phone\n1,Ana\n") == [(2, {"number": "1", "name": "Ana", "phone": ""}, [])]


def test_a_quoted_cell_may_hold_the_delimiter_and_quotes():
    assert rows('number,name\n1,"Ruiz, ""Ana"""\n')[0][1]["name"] == 'Ruiz, "Ana"'


def test_an_ignored_column_may_run_over_several_lines():
    read = rows('number,name,notes\n1,Ana,"one\ntwo, three"\n2,Bo,\n')

    assert [(line, cells["number"], says) for line, cells, says in read] == [(2, "1", []), (4, "2", [])]


@pytest.mark.parametrize("broken", ['1,"Ana', '1,"Ana" x', '1,"Ana""'])
def test_broken_quotes_refuse_their_own_row_and_no_other(broken):
    read = rows(f"number,name\n{broken}\n2,Bo\n3,Cy\n")

    assert [(line, bool(says)) for line, _, says in read] == [(2, True), (3, False), (4, False)]


def test_two_lost_quotes_do_not_swallow_the_rows_between_them():
    read = rows('number,name\n1,"Ana\n2,Bo\n3,Cy"\n4,Di\n')

    assert [line for line, _, says in read if not says] == [3, 4, 5]
    assert [line for line, _, says in read if says] == [2]
