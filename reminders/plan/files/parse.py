"""A file back into a document. Every mistake is a sentence with its line; a file is taken as a whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from patients.models.contact import Channel
from patients.models.surgery import Family
from reminders.plan.files import blank_fields, document_fields
from reminders.plan.files.document import Document, in_order
from reminders.plan.files.document_fields import Convert, Wrong
from reminders.plan.files.yaml_tree import Rows, Tree, UnreadableFile, YamlMapping, grow
from reminders.plan.models.step import StepKind
from reminders.plan.values import Anchor, Condition, LateRule, Nature

MOST_SAID, MOST_ROWS = 20, 400
ROWS = ("phases", "check_ups", "steps")
HEAD: dict[str, Convert] = {
    "code": document_fields.slug(50),
    "name": document_fields.needed(120),
    "family": document_fields.one_of(Family.values),
    "summary": document_fields.text(),
    "expected_pain": document_fields.pain,
    "blanks": blank_fields.kept,
    "advice": document_fields.per_language(document_fields.lines),
}
PHASE: dict[str, Convert] = {
    "code": document_fields.slug(50),
    "first_day": document_fields.number(),
    "last_day": document_fields.number_or_nothing(),
    "title": document_fields.per_language(document_fields.text(200)),
    "do": document_fields.per_language(document_fields.lines),
    "avoid": document_fields.per_language(document_fields.lines),
}
CHECK_UP: dict[str, Convert] = {
    "code": document_fields.slug(50),
    "title": document_fields.per_language(document_fields.text(200)),
    "first_day": document_fields.number(),
    "target_day": document_fields.number(),
    "last_day": document_fields.number(),
    "repeat_days": document_fields.number_or_nothing(28),
    "note": document_fields.text(200),
    "nature": document_fields.one_of([nature.value for nature in Nature]),
}
STEP: dict[str, Convert] = {
    "code": document_fields.slug(60),
    "kind": document_fields.one_of(StepKind.values),
    "title": document_fields.needed(120),
    "phase": document_fields.slug(50),
    "anchor": document_fields.one_of([anchor.value for anchor in Anchor]),
    "check_up": document_fields.slug_or_nothing,
    "offset_days": document_fields.number(-document_fields.DAYS),
    "at": document_fields.clock,
    "channels": document_fields.some_of(Channel.values),
    "condition": document_fields.one_of([condition.value for condition in Condition]),
    "repeat_days": document_fields.number_or_nothing(1),
    "repeat_count": document_fields.number_or_nothing(1, 99),
    "useful_days": document_fields.number(),
    "staffed_days_only": document_fields.yes_or_no,
    "late_rule": document_fields.one_of([rule.value for rule in LateRule]),
    "warning": document_fields.yes_or_no,
    "nature": document_fields.one_of([nature.value for nature in Nature]),
    "why": document_fields.text(lines=True),
}
TEXT: dict[str, Convert] = {
    "sms": document_fields.text(lines=True),
    "subject": document_fields.text(120),
    "body": document_fields.text(lines=True),
}
USUAL: dict[str, Any] = {  # what may be left out
    "summary": "", "expected_pain": [], "blanks": {}, "advice": {}, "do": {}, "avoid": {}, "note": "",
    "check_up": None, "condition": "always", "repeat_days": None, "repeat_count": None, "useful_days": 1,
    "staffed_days_only": False, "late_rule": "until", "warning": False, "nature": "", "why": "", "sms": "",
    "subject": "",
    "body": "",
}  # fmt: skip


def read(data: bytes) -> Document:
    """Raises UnreadableFile with everything that is wrong, not only the first."""
    reader = FileReader()
    document = reader.protocol(grow(data))
    if reader.wrong:
        more = len(reader.wrong) - MOST_SAID
        rest = [f"And {more} more. Fix these first."] if more > 0 else []
        raise UnreadableFile(*reader.wrong[:MOST_SAID], *rest)
    return in_order(document)


class FileReader:
    """Collects sentences while it goes through the file."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def protocol(self, table: YamlMapping) -> Document:
        """Read the whole file; what is wrong is collected in `wrong`."""
        head = self.table(YamlMapping(table.line, {k: v for k, v in table.keys.items() if k not in ROWS}), HEAD, "")
        rows = {name: self.rows(table, name) for name in ROWS}
        document = {
            **head,
            "phases": [self.table(row, PHASE, self.where("phase", row)) for row in rows["phases"]],
            "check_ups": [self.table(row, CHECK_UP, self.where("check-up", row)) for row in rows["check_ups"]],
            "steps": [self.step(row) for row in rows["steps"]],
        }
        for name in ROWS:
            self.refuse_doubles(rows[name], document[name])
        self.refuse_strays(rows["steps"], document)
        return document

    def rows(self, table: YamlMapping, name: str) -> list[YamlMapping]:
        """The entries of one list, such as `phases`."""
        found = table.keys.get(name)
        if not isinstance(found, Rows):
            self.say(table.line if found is None else found.line, "", f"“{name}” must be a list.")
            return []
        if len(found.items) > MOST_ROWS:
            self.say(found.line, "", f"“{name}” has {len(found.items)} entries; at most {MOST_ROWS} fit.")
            return []
        for item in found.items:
            if not isinstance(item, YamlMapping):
                self.say(item.line, "", f"an entry of “{name}” begins with “code: …”.")
        return [item for item in found.items if isinstance(item, YamlMapping)]

    def step(self, row: YamlMapping) -> dict[str, Any]:
        """One step with its texts."""
        where = self.where("step", row)
        step = self.table(YamlMapping(row.line, {k: v for k, v in row.keys.items() if k != "texts"}), STEP, where)
        step["texts"] = {}
        for tag, words in self.texts(row, where).items():
            if isinstance(words, YamlMapping):
                step["texts"][tag] = self.table(words, TEXT, f"{where}, {tag}")
            else:
                self.say(words.line, where, f"the texts in {tag} must have sms, subject and body.")
        return step

    def texts(self, row: YamlMapping, where: str) -> dict[str, Tree]:
        """The texts of one step, by language."""
        found: dict[str, Tree] | None = self.value(row, "texts", document_fields.per_language(lambda tree: tree), where)
        return found or {}

    def table(self, table: YamlMapping, known: Mapping[str, Convert], where: str) -> dict[str, Any]:
        """The values of one entry; unknown keys are reported with the nearest known one."""
        for name, value in table.keys.items():
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                self.say(value.line, where, f"“{name[:80]}” is not known here.{hint}")
        return {name: self.value(table, name, convert, where) for name, convert in known.items()}

    def value(self, table: YamlMapping, name: str, convert: Convert, where: str) -> Any:
        """One value; if it is missing, its default, or a mistake is reported."""
        if name not in table.keys:
            if name not in USUAL:
                self.say(table.line, where, f"“{name}” is missing.")
            return USUAL.get(name)
        try:
            return convert(table.keys[name])
        except Wrong as error:
            self.say(error.line, where, f"“{name}” {error}")
            return USUAL.get(name)

    def refuse_doubles(self, rows: Iterable[YamlMapping], read: list[dict[str, Any]]) -> None:
        """Report codes that are used more than once."""
        counted = Counter(one["code"] for one in read if one["code"])
        for row, one in zip(rows, read, strict=True):
            if counted[one["code"]] > 1:
                self.say(row.line, "", f"the code “{one['code']}” is used more than once. Give each its own.")

    def refuse_strays(self, rows: Iterable[YamlMapping], document: Document) -> None:
        """Report steps that name a phase or check-up the file does not have."""
        for row, step in zip(rows, document["steps"], strict=True):
            for name, of in (("phase", "phases"), ("check_up", "check_ups")):
                if step[name] and step[name] not in {one["code"] for one in document[of]}:
                    self.say(row.line, f"step {step['code']}", f"there is no {name.replace('_', '-')} “{step[name]}”.")

    def where(self, kind: str, row: YamlMapping) -> str:
        """What a message calls this entry: its kind and code."""
        code = row.keys.get("code")
        return f"{kind} {getattr(code, 'said', '')}".strip()[:80]

    def say(self, line: int, where: str, sentence: str) -> None:
        """Collect one mistake with its line."""
        self.wrong.append(f"Line {line}{', ' + where if where else ''}: {sentence}")
