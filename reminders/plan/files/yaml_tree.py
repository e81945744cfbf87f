"""YAML as a tree that remembers its lines; what a protocol never needs is refused before it is built. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where libyaml was built in
LARGEST = 600_000  # bytes; the longest that ships has 150,000
DEEPEST = 8


class UnreadableFile(ValueError):
    """Why a file cannot be taken, as sentences that say where."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


@dataclass(frozen=True, slots=True)
class Word:
    """What stands there, as it stands there: `09:00` and `no` are not turned into something else."""

    line: int
    said: str
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    line: int
    items: list["Tree"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class YamlMapping:
    line: int
    keys: dict[str, "Tree"] = field(default_factory=dict)


Tree = Word | Rows | YamlMapping


def grow(data: bytes) -> YamlMapping:
    """Raises UnreadableFile."""
    if len(data) > LARGEST:
        raise UnreadableFile(f"The file has {len(data):,} bytes. A protocol has no more than {LARGEST:,}.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("The file is not in UTF-8. Save it as UTF-8 and try again.") from None
    try:
        _refuse_what_no_protocol_needs(text)
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise UnreadableFile(_sentence(error)) from None
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableFile("The file is not a protocol. It begins with a line such as “code: miss-base”.")
    grown = _grown(root)
    assert isinstance(grown, YamlMapping)  # noqa: S101 (a mapping node grows into a table)
    return grown


def _refuse_what_no_protocol_needs(text: str) -> None:
    """Read as a stream, before anything is built: names that stand for other parts, types, depth, a second file."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = _line(event)
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnreadableFile(f"Line {line}: names with & and * are not allowed. Write the text out, or quote it.")
        if getattr(event, "tag", None) is not None:
            raise UnreadableFile(f"Line {line}: types with ! are not allowed. Write the value alone, or quote it.")
        if depth > DEEPEST:
            raise UnreadableFile(f"Line {line}: it is nested deeper than any protocol is.")
        if documents > 1:
            raise UnreadableFile(f"Line {line}: a second document starts here. One file holds one protocol.")


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}this is not YAML ({problem}). Look at quotes, colons and the spaces at the beginning of the line."


def _line(part: Any) -> int:
    return int(part.start_mark.line) + 1


def _grown(node: yaml.Node) -> Tree:
    line = _line(node)
    if isinstance(node, yaml.MappingNode):
        return YamlMapping(line, dict(_pairs(node)))
    if isinstance(node, yaml.SequenceNode):
        return Rows(line, [_grown(item) for item in node.value])
    return Word(line, str(node.value), bool(getattr(node, "style", "")))


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, Tree]]:
    seen: set[str] = set()
    for key, value in node.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode):
            raise UnreadableFile(f"Line {line}: a word and a colon are expected here.")
        if key.value in seen:
            raise UnreadableFile(f"Line {line}: “{key.value}” is there twice. Keep one.")
        seen.add(key.value)
        yield key.value, _grown(value)
