"""What every mail has around the words a surgeon signed: where, the patient's own page, the way out. Pure."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "where": "Where: {address}",
        "answer": "Answer on your page: {link}",
        "visit": "Your visit, your answer and your calendar: {link}",
        "page": "Your page: {link}",
        "stop": "Stop these e-mails: {url}",
    },
    "es": {
        "where": "Dónde: {address}",
        "answer": "Responda en su página: {link}",
        "visit": "Su cita, su respuesta y su calendario: {link}",
        "page": "Su página: {link}",
        "stop": "No recibir más estos correos: {url}",
    },
}


def words_in(language: str) -> Mapping[str, str]:
    return WORDS.get(language.split("-")[0], WORDS["en"])


def with_page(body: str, *, language: str, link: str, address: str = "", asks: str = "page") -> str:
    """The body, then what it lacks. `address`: of a visit; `asks`: `answer`, `visit` or `page`."""
    words, parts = words_in(language), [body]
    if address and address not in body:
        parts.append(words["where"].format(address=address))
    if link not in body:
        parts.append(words[asks].format(link=link))
    return "\n\n".join(parts)


def with_way_out(text: str, url: str, *, language: str) -> str:
    return "\n\n".join([text, words_in(language)["stop"].format(url=url)]) if url else text
