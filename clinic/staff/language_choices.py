"""The languages a patient's messages may go in, each saying so when there are no texts in it yet."""

from clinic.staff import formats
from patients.models import Site
from reminders.plan import language_gaps


def language_choices(site: Site) -> list[tuple[str, str]]:
    """`(tag, label)`, the site's own language first, such as `("fr", "French: texts would go in English")`."""
    without, own = set(language_gaps.unspoken(site)), formats.language(site.language)
    names = {tag: formats.language(tag) for tag in site.languages}
    return [(tag, f"{name}: texts would go in {own}" if tag in without else name) for tag, name in names.items()]
