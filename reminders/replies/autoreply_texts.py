"""The words of automatic answers. Pure. Plain, one part each, never a diagnosis; every language is a block here."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

PLACES = ("clinic", "phone", "emergency", "opens")
PLACE = re.compile(r"\{([^{}]*)\}")


class Answer(StrEnum):
    HELP = "help"
    STOPPED = "stopped"
    ONE_NUMBER = "one_number"
    EMERGENCY = "emergency"
    CALL_TODAY = "call_today"
    NOBODY_READS = "nobody_reads"
    PAIN_OR_VISIT = "pain_or_visit"
    A_PERSON_READS = "a_person_reads"
    KEPT = "kept"
    SAFETY_TO_ANYBODY = "safety_to_anybody"
    EXPECTED = "expected"
    VISIT_MOVED = "visit_moved"
    CANNOT_COME = "cannot_come"
    NEW_TIME = "new_time"
    CALL_ME = "call_me"


WORDS = {  # á, í, ó and ú would make two parts of one: the Spanish chooses words without them
    "en": {
        Answer.HELP: "{clinic}: Call {phone}. Replies are not watched all the time. Emergency: {emergency}. "
        "Reply STOP to get no more texts.",
        Answer.STOPPED: "{clinic}: You will get no more texts from us. Questions: {phone}.",
        Answer.ONE_NUMBER: "{clinic}: Please reply with one number from 0 (no pain) to 10 (worst). "
        "Replies are not watched all the time. Emergency: {emergency}.",
        Answer.EMERGENCY: "{clinic}: This may be an emergency. Call {emergency} or go to an emergency room now. "
        "Do not wait: texts are not watched all the time.",
        Answer.CALL_TODAY: "{clinic}: Please call us today: {phone}. Texts are not watched all the time. "
        "If it gets worse, call {emergency}.",
        Answer.NOBODY_READS: "{clinic}: Nobody reads texts now. Cannot wait or getting worse? Call {emergency}. "
        "Else call {phone} {opens}.",
        Answer.PAIN_OR_VISIT: "{clinic}: Is that your pain? Then reply it like this: 3/10. About a visit, call "
        "{phone}. Not always watched. Emergency: {emergency}.",
        Answer.A_PERSON_READS: "{clinic}: A person will read this, but not at once. To change an answer or if worse, "
        "call {phone}. Emergency: {emergency}.",
        Answer.KEPT: "{clinic}: A person will read this, but not at once. Cannot wait or getting worse? "
        "Call {phone}. Emergency: {emergency}.",
        Answer.SAFETY_TO_ANYBODY: "Texts to this number are not watched all the time. Emergency? Call {emergency} now.",
        Answer.EXPECTED: "{clinic}: Thank you, we expect you on {visit}.",
        Answer.VISIT_MOVED: "{clinic}: Your visit is now on {visit}. A person will call you about it{from_when}.",
        Answer.CANNOT_COME: "{clinic}: You cannot come{on_day}. We will call you about a new time{from_when}. "
        "Worse? Call {phone}. Emergency: {emergency}.",
        Answer.NEW_TIME: "{clinic}: We will call you about a new time{from_when}. "
        "If you feel worse, call {phone}. Emergency: {emergency}.",
        Answer.CALL_ME: "{clinic}: A person will call you{from_when}. Cannot wait or getting worse? "
        "Call {phone}. Emergency: {emergency}.",
    },
    "es": {
        Answer.HELP: "{clinic}: Llame al {phone}. No siempre se lee enseguida. Emergencia: {emergency}. "
        "Responda STOP para no recibir nada.",
        Answer.STOPPED: "{clinic}: Ya no le mandaremos mensajes. Dudas: {phone}.",
        Answer.ONE_NUMBER: "{clinic}: Responda una sola cifra, de 0 (sin dolor) a 10 (el peor). "
        "No siempre se lee enseguida. Emergencia: {emergency}.",
        Answer.EMERGENCY: "{clinic}: Puede ser una emergencia. Llame ya al {emergency} o vaya a emergencias. "
        "No espere: no siempre se lee enseguida.",
        Answer.CALL_TODAY: "{clinic}: Por favor llame hoy al {phone}. No siempre se lee enseguida. "
        "Si empeora, llame al {emergency}.",
        Answer.NOBODY_READS: "{clinic}: Ahora nadie lee los mensajes. ¿Empeora o no puede esperar? "
        "Llame al {emergency}. Si no, al {phone} {opens}.",
        Answer.PAIN_OR_VISIT: "{clinic}: ¿Es su dolor? Responda de esta forma: 3/10. Por una cita, llame al {phone}. "
        "No siempre se lee enseguida. Emergencia: {emergency}.",
        Answer.A_PERSON_READS: "{clinic}: Alguien lo lee, pero no enseguida. Para cambiar algo o si se siente peor, "
        "llame al {phone}. Emergencia: {emergency}.",
        Answer.KEPT: "{clinic}: Alguien lo lee, pero no enseguida. ¿Empeora o no puede esperar? "
        "Llame al {phone}. Emergencia: {emergency}.",
        Answer.SAFETY_TO_ANYBODY: "No siempre se leen los mensajes a este celular enseguida. "
        "¿Es una emergencia? Llame ya al {emergency}.",
        Answer.EXPECTED: "{clinic}: Gracias, le esperamos el {visit}.",
        Answer.VISIT_MOVED: "{clinic}: Su cita es ahora el {visit}. Alguien le llama para hablarlo{from_when}.",
        Answer.CANNOT_COME: "{clinic}: No puede venir{on_day}. Le llamamos para darle otra hora{from_when}. "
        "¿Peor? {phone}. Emergencia: {emergency}.",
        Answer.NEW_TIME: "{clinic}: Le llamamos para darle otra hora{from_when}. "
        "Si se siente peor, llame al {phone}. Emergencia: {emergency}.",
        Answer.CALL_ME: "{clinic}: Alguien le llama{from_when}. ¿Empeora o no puede esperar? "
        "Llame al {phone}. Emergencia: {emergency}.",
    },
}
OPENS = {  # in three letters each, as an accent or a long name would make two parts of one
    "en": ("today", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "from {day} {hour}:{minute} {half}"),
    "es": ("hoy", ("lun", "mar", "mie", "jue", "vie", "sab", "dom"), "desde {day} a las {hour24}:{minute}"),
}


MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
VISIT = {
    "en": ("{day} {date} {month} at {hour}:{minute} {half}", " on {day} {date} {month}"),
    "es": ("{day} {date} {month} a las {hour24}:{minute}", " el {day} {date} {month}"),
}


def said(
    answer: Answer,
    *,
    languages: list[str],
    clinic: str,
    phone: str,
    emergency: str,
    now: datetime | None = None,
    opens: datetime | None = None,
    visit: datetime | None = None,
    own: Mapping[str, str] | None = None,
) -> str:
    """In the first of these languages that has words, by its base (es for es-MX); else in English.

    `now` and `opens`: local, for an answer that says when somebody is there again. `visit`: local too, its booked time.
    `own`: a clinic's words by language.
    """
    known = [tag.split("-")[0].lower() for tag in languages]
    language = next((tag for tag in known if tag in WORDS or tag in (own or {})), "en")
    words = (own or {}).get(language) or WORDS.get(language, WORDS["en"])[answer]
    from_when = _opens(opens, now, language) if opens and now else ""
    at, on_day = (_visit(pattern, visit, language) if visit else "" for pattern in VISIT.get(language, VISIT["en"]))
    return words.format(
        clinic=clinic,
        phone=phone,
        emergency=emergency,
        opens=from_when,
        from_when=f", {from_when}" if from_when else "",
        visit=at,
        on_day=on_day,
    )


def wrong_in(words: str, *, answer: Answer) -> str:
    """What is wrong with a clinic's own words for this answer, as a sentence; empty: nothing."""
    places = PLACE.findall(words)
    if any(place not in PLACES for place in places) or set("{}") & set(PLACE.sub("", words)):
        return f"Only {', '.join('{' + place + '}' for place in PLACES)} can stand in braces."
    if "emergency" not in places:
        return "Say what to do in an emergency: {emergency} must stand in it."
    if answer == Answer.NOBODY_READS and "opens" not in places:
        return "Say when somebody is there again: {opens} must stand in it."
    return ""


def _opens(opens: datetime, now: datetime, language: str) -> str:
    today, days, words = OPENS.get(language, OPENS["en"])
    day = today if opens.date() == now.date() else days[opens.weekday()]
    return words.format(day=day, **_hour(opens))


def _visit(words: str, visit: datetime, language: str) -> str:
    """`Wed 9 Dec at 9:20 am`, `mie 9 dic a las 9:20`; or the day alone."""
    day = OPENS.get(language, OPENS["en"])[1][visit.weekday()]
    month = MONTHS.get(language, MONTHS["en"])[visit.month - 1]
    return words.format(day=day, date=visit.day, month=month, **_hour(visit))


def _hour(local: datetime) -> dict[str, object]:
    half = "am" if local.hour < 12 else "pm"
    return {"hour": local.hour % 12 or 12, "hour24": local.hour, "minute": f"{local.minute:02}", "half": half}
