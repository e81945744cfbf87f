"""The words of automatic answers. Pure. Plain, one part each, never a diagnosis; every language is a block here."""

from enum import StrEnum


class Answer(StrEnum):
    HELP = "help"
    STOPPED = "stopped"
    ONE_NUMBER = "one_number"
    SAFETY = "safety"
    SAFETY_TO_ANYBODY = "safety_to_anybody"


WORDS = {  # á, í, ó and ú would make two parts of one: the Spanish chooses words without them
    "en": {
        Answer.HELP: "{clinic}: Call {phone}. Replies are not watched all the time. Emergency: {emergency}. "
        "Reply STOP to get no more texts.",
        Answer.STOPPED: "{clinic}: You will get no more texts from us. Questions: {phone}.",
        Answer.ONE_NUMBER: "{clinic}: Please reply with one number from 0 (no pain) to 10 (worst). "
        "Replies are not watched all the time. Emergency: {emergency}.",
        Answer.SAFETY: "{clinic}: Replies are not watched all the time. Emergency? Call {emergency} now. "
        "If not, call us: {phone}.",
        Answer.SAFETY_TO_ANYBODY: "Texts to this number are not watched all the time. Emergency? Call {emergency} now.",
    },
    "es": {
        Answer.HELP: "{clinic}: Llame al {phone}. No siempre se lee enseguida. Emergencia: {emergency}. "
        "Responda STOP para no recibir nada.",
        Answer.STOPPED: "{clinic}: Ya no le mandaremos mensajes. Dudas: {phone}.",
        Answer.ONE_NUMBER: "{clinic}: Responda una sola cifra, de 0 (sin dolor) a 10 (el peor). "
        "No siempre se lee enseguida. Emergencia: {emergency}.",
        Answer.SAFETY: "{clinic}: No siempre se lee enseguida. ¿Es una emergencia? Llame ya al {emergency}. "
        "Si no, llame al {phone}.",
        Answer.SAFETY_TO_ANYBODY: "No siempre se leen los mensajes a este celular enseguida. "
        "¿Es una emergencia? Llame ya al {emergency}.",
    },
}


def said(answer: Answer, *, languages: list[str], clinic: str, phone: str, emergency: str) -> str:
    """In the first of these languages that has words, by its base (es for es-MX); else in English."""
    known = [tag.split("-")[0].lower() for tag in languages]
    language = next((tag for tag in known if tag in WORDS), "en")
    return WORDS[language][answer].format(clinic=clinic, phone=phone, emergency=emergency)
