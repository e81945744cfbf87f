"""`python -m tests.layout`: can a reader guess where a thing is? Part of `make lint`.

A file name stands at most three times, a class name means one thing, and few modules are slivers of their only caller.
Import circles and arrows that run up are import-linter's (pyproject.toml).
"""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PRODUCT = ("clinic", "patients", "reminders")
MOST_OF_ONE_NAME = 3
USUAL_NAMES = {"__init__", "__main__", "admin", "apps", "conftest", "forms", "models", "urls", "views"}
USUAL_CLASSES = {"Command", "Meta", "Migration"}  # Django looks for these by their name
SLIVER = 60  # lines
MOST_SLIVERS = 60


def main() -> int:
    trees = {path: ast.parse(path.read_text()) for path in _files()}
    wrong = [*_crowded_names(trees), *_classes_with_two_meanings(trees), *_slivers(trees)]
    print("\n".join(wrong) or f"Layout: {len(trees)} files, each name guessable.")
    return 1 if wrong else 0


def _files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.py"], capture_output=True, text=True, check=True).stdout.split()
    return [path for name in listed if (path := Path(name)).is_file() and "migrations" not in path.parts]


def _crowded_names(trees: dict[Path, ast.Module]) -> Iterator[str]:
    places = defaultdict(list)
    for path in trees:
        if path.stem not in USUAL_NAMES:
            places[path.name].append(str(path))
    for name, found in places.items():
        if len(found) > MOST_OF_ONE_NAME:
            yield f"{name} stands {len(found)} times: {', '.join(found)}. Say in the name what is particular to each."


def _classes_with_two_meanings(trees: dict[Path, ast.Module]) -> Iterator[str]:
    places = defaultdict(list)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name not in USUAL_CLASSES:
                places[node.name].append(f"{path}:{node.lineno}")
    for name, found in places.items():
        if len(found) > 1:
            yield f"class {name} means {len(found)} things: {', '.join(found)}. Give each a name of its own."


def _slivers(trees: dict[Path, ast.Module]) -> Iterator[str]:
    product = {_module(path): path for path in trees if path.parts[0] in PRODUCT}
    importers = defaultdict(set)
    for module, path in product.items():
        for imported in _imports(trees[path], product):
            importers[imported].add(module)
    found = [
        f"{product[module]} (only {next(iter(by))})"
        for module, by in sorted(importers.items())
        if module in product and len(by) == 1 and 0 < len(product[module].read_text().splitlines()) < SLIVER
    ]
    if len(found) >= MOST_SLIVERS:
        yield f"{len(found)} modules under {SLIVER} lines have one importer each: fold some in. " + ", ".join(found)


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.Module, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


if __name__ == "__main__":
    sys.exit(main())
