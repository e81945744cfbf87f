"""How a rule is taken out and put back, and what counts as having noticed."""

from dataclasses import replace

import pytest

from tests.mutants import hunt
from tests.mutants.copied_tree import CopiedTree
from tests.mutants.mutant import Mutant, faults
from tests.mutants.results import Results

TESTS = ("test_rule.py::test_both", "test_rule.py::TestIt::test_half[b]")
RULE = Mutant("two halves", "rule.py", "a and b", "a", TESTS)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "rule.py").write_text("def both(a, b):\n    return a and b\n")
    (folder / "test_rule.py").write_text("def test_both(): ...\n\n\nclass TestIt:\n    def test_half(self, one): ...\n")
    return CopiedTree(tmp_path, "postgres://nowhere")


def test_a_rule_is_taken_out_and_put_back_whatever_happens(tree):
    path = tree.folder / "tree" / "rule.py"
    whole, moment = path.read_text(), path.stat().st_mtime

    def stopped() -> None:
        with tree.without(RULE):
            assert path.read_text() == "def both(a, b):\n    return a\n"
            assert abs(path.stat().st_mtime - moment) >= 2  # so that no compiled file is taken for this one
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert (path.read_text(), path.stat().st_mtime) == (whole, moment)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"old": "a or b"}, ["two halves: its words stand 0 times in rule.py, not 1."]),
        ({"times": 2}, ["two halves: its words stand 1 times in rule.py, not 2."]),
        ({"path": "gone.py"}, ["No such file"]),
        ({"new": "a and"}, ["invalid syntax"]),
        ({"tests": ("test_rule.py::test_half",)}, ["two halves: there is no test test_rule.py::test_half."]),
        ({"tests": ("gone.py::test_both",)}, ["two halves: there is no test gone.py::test_both."]),
        ({"tests": ()}, ["two halves: no test is named."]),
    ],
)
def test_an_entry_that_does_not_fit_the_tree_is_an_error(tree, changed, said):
    found = list(faults(replace(RULE, **changed), tree.folder / "tree"))

    assert len(found) == len(said)
    assert all(sentence in one for one, sentence in zip(found, said, strict=True))


@pytest.mark.parametrize(
    ("red", "blind"),
    [
        ([], TESTS),
        (["test_rule.py::test_both"], TESTS[1:]),
        (["test_rule.py::test_both[a]", "test_rule.py::TestIt::test_half[a]"], TESTS[1:]),
        (["test_rule.py::test_both", "test_rule.py::TestIt::test_half[b]"], ()),
        (["test_rule.py::test_both_and_more", "test_rule.py::TestIt::test_half[b]"], TESTS[:1]),
    ],
)
def test_every_test_that_is_named_must_turn_red(red, blind):
    assert hunt.blind(RULE, red) == list(blind)


def test_what_was_found_out_is_known_again_until_anything_changes(tmp_path):
    path = tmp_path / "results.jsonl"
    Results(path, "monday").keep(RULE, ["test_rule.py::test_both"])

    known, tuesday = Results(path, "monday"), Results(path, "tuesday")
    known.load()
    tuesday.load()

    assert known.of(RULE) == ["test_rule.py::test_both"]
    assert known.of(replace(RULE, new="b")) is None
    assert tuesday.of(RULE) is None


def test_a_list_that_does_not_fit_is_said_before_anything_runs(tmp_path, capsys):
    assert hunt.hunt([RULE], Results(tmp_path / "results.jsonl", "monday"), workers=1) == 2

    assert "two halves" in capsys.readouterr().out
