"""The words of a check-in by text: what must be said at once, then the next question. Pure; one part each, GSM letters.

The emergency number stands in every one of them. A question after a warning is shorter, to leave it room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reminders.replies.parsing.questionnaire import SIGNS, Ask

AFTER = {code: ask for ask, (_, code) in SIGNS.items()}


@dataclass(frozen=True, slots=True)
class Spoken:
    """`ask` and `shorter`: the questions, alone and after a warning; `warn`: what comes first, by what was answered."""

    ask: Mapping[Ask, str]
    shorter: Mapping[Ask, str]
    warn: Mapping[Ask, str]
    thanks: str
    when: tuple[str, str]  # somebody is there, and not
    watched: str
    emergency: str


WORDS = {
    "en": Spoken(
        ask={
            Ask.PAIN: "How strong is your pain now, 0 (none) to 10 (worst)? Reply a number.",
            Ask.WOUND: "Is your wound red, hot, open or leaking? Reply 21 for yes, 20 for no.",
            Ask.LEGS: "Any new weakness or numbness in a leg or foot? Reply 31 yes, 30 no.",
            Ask.BLADDER: "Trouble with bladder or bowel, or numb between the legs? Reply 51 yes, 50 no.",
        },
        shorter={
            Ask.PAIN: "Pain now, 0-10?",
            Ask.WOUND: "Wound red, hot, open or leaking? Reply 21 yes, 20 no",
            Ask.LEGS: "New weak or numb leg or foot? Reply 31 yes, 30 no",
            Ask.BLADDER: "Bladder or bowel trouble, or numb between legs? 51 yes, 50 no",
        },
        warn={
            Ask.PAIN: "Call us {when} about the pain: {phone}. Emergency: {emergency}.",
            Ask.WOUND: "Call us {when} about the wound: {phone}. Emergency: {emergency}.",
            Ask.LEGS: "Fast or worse now? Call {emergency}. If not, call {phone} {when}.",
            Ask.BLADDER: "Do not wait. Call {emergency} now. Then tell us: {phone}.",
        },
        thanks="Thank you, that is all.",
        when=("today", "when we open"),
        watched="Replies are not watched all the time.",
        emergency="Emergency: {emergency}.",
    ),
    "es": Spoken(  # á, í, ó and ú would make two parts of one
        ask={
            Ask.PAIN: "¿Dolor ahora, de 0 (nada) a 10 (el peor)? Responda la cifra.",
            Ask.WOUND: "¿Tiene la herida roja, caliente, abierta o con pus? Responda 21 si la tiene, 20 si no.",
            Ask.LEGS: "¿Nota una pierna o un pie dormido o sin fuerza? Responda 31 si lo nota, 30 si no.",
            Ask.BLADDER: "¿Cuesta orinar o aguantar, o no siente entre las piernas? Mande 51 si le pasa, 50 si no.",
        },
        shorter={
            Ask.PAIN: "¿Dolor, 0-10?",
            Ask.WOUND: "¿Herida roja, caliente, abierta o con pus? 21 cierto, 20 no",
            Ask.LEGS: "¿Pierna o pie dormido o sin fuerza? 31 cierto, 30 no",
            Ask.BLADDER: "¿Orina mal, o no siente entre las piernas? 51 cierto, 50 no",
        },
        warn={
            Ask.PAIN: "Llame {when} por el dolor: {phone}. Emergencia: {emergency}.",
            Ask.WOUND: "Llame {when} por la herida: {phone}. Emergencia: {emergency}.",
            Ask.LEGS: "¿De repente o peor? Llame ya al {emergency}. Si no, {when} al {phone}.",
            Ask.BLADDER: "No espere: llame ya al {emergency}. Luego llame al {phone}.",
        },
        thanks="Gracias, eso es todo.",
        when=("hoy", "al abrir"),
        watched="No siempre se lee enseguida.",
        emergency="Emergencia: {emergency}.",
    ),
}


def words(
    signs: Sequence[tuple[str, str]],
    ask: Ask | None,
    *,
    is_staffed: bool,
    languages: Sequence[str],
    clinic: str,
    phone: str,
    emergency: str,
) -> str:
    """`signs`: as `questionnaire.seen` gives them. After an emergency nothing is asked: there is one thing to do."""
    spoken = in_language(languages)
    worst = AFTER[signs[0][1]] if signs else None
    if worst is None:
        said = [spoken.ask[ask] if ask else spoken.thanks, spoken.watched, spoken.emergency]
    elif worst is Ask.BLADDER or ask is None:
        said = [spoken.warn[worst], spoken.watched]
    else:
        said = [spoken.warn[worst], spoken.shorter[ask]]
    return f"{clinic}: " + " ".join(said).format(
        phone=phone, emergency=emergency, when=spoken.when[0 if is_staffed else 1]
    )


def in_language(languages: Sequence[str]) -> Spoken:
    """The first of these that has words, by its base (es for es-MX); else English."""
    known = (tag.split("-")[0].lower() for tag in languages)
    return WORDS[next((tag for tag in known if tag in WORDS), "en")]
