"""A new database is made in one step for each app; it must be the very one that the single steps make."""

from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState

SQUASHED = [
    ("patients", "0001_squashed_0005_mailboxes_in_one_spelling"),
    ("reminders", "0001_squashed_0008_messages_added_by_surgeons"),
]


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, replace_migrations=False)


@pytest.mark.parametrize("squashed", SQUASHED)
def test_one_step_leaves_what_the_steps_it_replaces_leave(loader, squashed):
    last = loader.graph.nodes[squashed].replaces[-1]

    assert models_after(loader, squashed) == models_after(loader, last)


@pytest.mark.parametrize("squashed", SQUASHED)
def test_one_step_replaces_all_of_them_in_their_order(loader, squashed):
    app, name = squashed
    steps = sorted(step for of, step in loader.disk_migrations if of == app and "_squashed_" not in step)

    replaced = [step for _, step in loader.graph.nodes[squashed].replaces]

    assert replaced == steps[: len(replaced)]
    assert name.endswith(replaced[-1])


def models_after(loader: MigrationLoader, node: tuple[str, str]) -> dict[str, Any]:
    state = loader.project_state(node)
    return {name: plain(model) for (app, name), model in state.models.items() if app == node[0]}


def plain(model: ModelState) -> dict[str, Any]:
    """Without the order of columns, which differs where one was added later."""
    options = dict(model.options)
    made = {
        kind: sorted(repr(one.deconstruct()) for one in options.pop(kind, ())) for kind in ("indexes", "constraints")
    }
    fields = {name: field.deconstruct()[1:] for name, field in model.fields.items()}
    return {"fields": fields, "options": options, "bases": model.bases, "managers": len(model.managers), **made}
