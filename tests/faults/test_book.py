"""A long run that was cut short goes on where it was, and believes nothing but what held at this very commit."""

import pytest

from tests.faults.book import Book


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "faults.jsonl"


def test_what_held_is_not_played_again(path):
    Book(path, "c1").add("killed before the socket", True, "holds")

    again = Book(path, "c1")

    assert again.has("killed before the socket")
    assert not again.has("killed after the socket")
    assert again.holds()


def test_what_broke_is_played_again_and_counts_as_it_ends_then(path):
    Book(path, "c1").add("seed 7", False, "BROKEN")

    again = Book(path, "c1")
    assert not again.has("seed 7")
    assert not again.holds()
    again.add("seed 7", True, "holds")

    assert Book(path, "c1").holds()


def test_one_that_broke_in_this_run_spoils_it(path):
    book = Book(path, "c1")
    book.add("seed 1", True, "holds")
    book.add("seed 2", False, "BROKEN")

    assert not book.holds()


@pytest.mark.parametrize("commit", ["c2", "c1-changed"])
def test_what_held_elsewhere_says_nothing_here(path, commit):
    Book(path, "c1").add("seed 7", True, "holds")
    Book(path, "c1-changed").add("seed 8", True, "holds")

    assert Book(path, commit).rows == []


def test_a_line_that_was_cut_short_is_passed_over_and_spoils_no_other(path):
    Book(path, "c1").add("seed 1", True, "holds")
    with path.open("a") as file:
        file.write('{"commit": "c1", "name": "see')

    Book(path, "c1").add("seed 3", True, "holds")

    assert [row["name"] for row in Book(path, "c1").rows] == ["seed 1", "seed 3"]


def test_the_seeds_that_were_drawn_are_drawn_once(path):
    assert Book(path, "c1").seeds([4, 5]) == [4, 5]

    assert Book(path, "c1").seeds([8, 9]) == [4, 5]
    assert Book(path, "c2").seeds([8, 9]) == [8, 9]


def test_more_seeds_than_before_are_drawn_anew(path):
    Book(path, "c1").seeds([4, 5])

    assert Book(path, "c1").seeds([1, 2, 3]) == [1, 2, 3]


def test_without_a_file_nothing_is_kept(tmp_path):
    book = Book()
    book.add("seed 1", True, "holds")

    assert book.holds()
    assert list(tmp_path.iterdir()) == []
