"""The blanks of a protocol's file: `lifting_limit: {value: "10 lb", why: "…"}`; a value of null is still open."""

from reminders.plan import blanks
from reminders.plan.files.document_fields import Wrong, text
from reminders.plan.files.yaml_tree import Tree, YamlMapping


def kept(tree: Tree) -> dict[str, dict[str, str]]:
    """By name, as a version keeps them. Raises Wrong."""
    if not isinstance(tree, YamlMapping):
        raise Wrong(tree, "must have an entry per blank, such as lifting_limit: {value: null, why: “…”}.")
    return {name: _one(name, row) for name, row in tree.keys.items()}


def _one(name: str, row: Tree) -> dict[str, str]:
    if not isinstance(row, YamlMapping) or not set(row.keys) <= {"value", "why"}:
        raise Wrong(row, f"must have value and why for “{name[:80]}”, and nothing else.")
    found = {key: text()(row.keys[key]) if key in row.keys else "" for key in ("value", "why")}
    if said := blanks.wrong(name, found["value"]):
        raise Wrong(row, f"is not right. {said}")
    return found
