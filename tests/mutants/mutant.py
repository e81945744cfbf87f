"""One rule, how it is taken out of its file, and the tests that must notice."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutant:
    """Without `old` (which `new` replaces, and which stands in the file `times` times) each of `tests` must fail.

    `tests`: pytest's names, the fastest there are; of a parametrized test one case is enough. `schema`: the rule
    stands in the tables, so that they are made anew.
    """

    guard: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]
    schema: bool = False
    times: int = 1

    def taken_out(self, text: str) -> str:
        """The file's text without the rule. ValueError where its words have changed: the entry must follow."""
        if (found := text.count(self.old)) != self.times:
            raise ValueError(f"its words stand {found} times in {self.path}, not {self.times}.")
        return text.replace(self.old, self.new)


def faults(mutant: Mutant, root: Path = ROOT) -> Iterator[str]:
    """What is wrong with an entry, as sentences: its words have changed, or a test of that name is not there."""
    try:
        ast.parse(mutant.taken_out((root / mutant.path).read_text()))
    except (OSError, ValueError, SyntaxError) as error:
        yield f"{mutant.guard}: {error}"
    if not mutant.tests:
        yield f"{mutant.guard}: no test is named."
    for test in mutant.tests:
        path, _, name = test.partition("[")[0].partition("::")
        if name not in _tests_in(root / path):
            yield f"{mutant.guard}: there is no test {test}."


@cache
def _tests_in(path: Path) -> frozenset[str]:
    """`test_a` of the module and `TestB::test_c` of its classes."""
    return frozenset(_named(ast.parse(path.read_text()).body)) if path.is_file() else frozenset()


def _named(body: list[ast.stmt], within: str = "") -> Iterator[str]:
    for one in body:
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
            yield f"{within}{one.name}"
        elif isinstance(one, ast.ClassDef):
            yield from _named(one.body, f"{one.name}::")
