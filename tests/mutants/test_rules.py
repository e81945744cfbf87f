"""The list cannot rot: each rule's words stand in their file, and the tests that watch it are there."""

from collections import Counter

from tests.mutants.mutant import faults
from tests.mutants.rules import EVERY


def test_every_rule_stands_in_its_file_and_the_tests_that_watch_it_are_there():
    assert [sentence for some in EVERY.values() for mutant in some for sentence in faults(mutant)] == []


def test_no_two_rules_of_an_area_have_the_same_name():
    names = Counter((area, mutant.guard) for area, some in EVERY.items() for mutant in some)

    assert [name for name, times in names.items() if times > 1] == []
