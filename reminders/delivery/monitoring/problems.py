"""What can be wrong, in words for people. Pure."""

from dataclasses import dataclass

from reminders.delivery.codes import Class, Where, look_up


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an alarm of this kind means. `urgent`: somebody has to act now. `on_board`: reception should know."""

    sentence: str
    urgent: bool = False
    on_board: bool = False


ALARMS = {
    "clocks": Trouble("The clocks of server and database disagree, so nothing is sent.", urgent=True, on_board=True),
    "inbound_missed": Trouble("Texts from patients came in without notice from the provider; they were fetched."),
    "more_than_sent": Trouble("The provider lists more texts to somebody than we sent: one may have been sent twice."),
    "sent_unmatched": Trouble("Texts were sent before a restore that belong to no reminder here."),
    "quarantine": Trouble("Sending a message crashed the program three times, so it is set aside. Call the patient."),
    "publish": Trouble("The message broker cannot be reached; the second timer sends what is due.", urgent=True),
    "redis_policy": Trouble("Redis may drop waiting tasks: set maxmemory-policy to noeviction.", urgent=True),
    "redis_memory": Trouble("Redis is nearly full and will soon take no more tasks.", urgent=True),
    "redis_away": Trouble("Redis does not answer."),
    "filtered": Trouble("A carrier is filtering many of our texts: check their wording and the registration."),
    "plan_stuck": Trouble("A plan could not be updated and may be out of date. Tell your administrator."),
    "round_note": Trouble(
        "The number of the last round could not be noted outside the database: a restore might not be noticed."
    ),
    "orphan_report": Trouble("The provider reports on messages that are unknown here."),
    "security": Trouble("A report or text came in that is not about our messages or account, so it was set aside."),
    "same_id": Trouble("Two different texts from patients came in under one id of the provider."),
    "unreachable": Trouble("A number could not be reached several times in a row."),
    "unknown_code": Trouble("The provider answered with an unknown code."),
    "perhaps_refused": Trouble("A phone or its carrier blocks us: maybe an opt-out. Ask the patient.", on_board=True),
    "machine_loop": Trouble("A machine replies to our answers: none is sent to that number until this is cleared."),
    "foreign_number": Trouble("A number is in a country that the provider does not let us text."),
    "number_range": Trouble("The provider blocks a range of numbers; texts to it wait for an hour."),
    "sender_too_fast": Trouble(
        "The provider says a sender sends too fast: its allowed rate is lower than the one set."
    ),
    "daily_cap": Trouble("The carrier's daily limit for our texts is reached: some wait until midnight Pacific time."),
    "window": Trouble("The provider held a text for its own quiet hours: check our sending hours there."),
    "developer": Trouble("One of our texts or settings was refused as invalid.", urgent=True),
    "provider": Trouble("The provider sent a warning."),
    "alert_unheard": Trouble("An alert is waiting, and nobody responsible for it has an e-mail address.", urgent=True),
    "alert_mail": Trouble("The e-mail about an alert could not be sent to staff.", urgent=True),
    "webhook": Trouble("The provider could not reach our webhooks: reports and replies are fetched instead."),
    "late_report": Trouble(
        "The provider reports a failure for messages that already had another result; that result is kept."
    ),
}


def of(kind: str) -> Trouble:
    """A kind nobody described is shown by its name, never dropped."""
    return ALARMS.get(kind) or Trouble(f"{kind.replace('_', ' ').capitalize()}.")


def late(number: int) -> str:
    """The beginning of a sentence about people who wait: `3 people's messages are`."""
    return "1 person's messages are" if number == 1 else f"{number} people's messages are"


SLOW = "they are sent one after the other, as fast as the carriers allow for the clinic's number."

CHANNELS = {"sms": "texts", "email": "e-mails"}


def held(number: int, since: str, channel: str, code: int, why: str) -> str:
    """What an open breaker holds, since when, and why; `number`: people who wait."""
    what = f"{CHANNELS.get(channel, channel)} are held because {cause(code, why)}"
    if not number:
        return f"{what.capitalize()}, since {since}. Nobody is waiting for one yet."
    return f"{late(number)} late since {since}: {what}."


def cause(code: int, why: str) -> str:
    """The code decides, where it is known: people act on it, and look it up."""
    known = look_up(code, Where.SEND) if code else None
    if known and known.cls is Class.ACCOUNT:
        said = "the provider refuses our account"
    else:
        said = why.rstrip(".") or "the provider is in trouble"
    return f"{said} (code {code})" if code else said


def frozen(number: int, since: str, why: str) -> str:
    """Nothing is sent at all; `number`: people who wait."""
    waits = " 1 person is waiting." if number == 1 else f" {number} people are waiting." if number else ""
    return f"Nothing is sent since {since}: {why.rstrip('.')}.{waits}"


def apart(ahead: float, provider: str) -> str:
    """`ahead`: seconds that our clock is ahead of the provider's."""
    way = "ahead of" if ahead > 0 else "behind"
    return f"This server's clock is {abs(ahead):.0f} seconds {way} that of {provider}: check its time service (NTP)."


def unknown(number: int, since: str) -> str:
    """Messages whose fate the provider has not told yet."""
    who = "1 person" if number == 1 else f"{number} people"
    return f"It is not known whether messages to {who} were sent, since {since}: the provider is asked again and again."


def undecided(number: int, since: str) -> str:
    """People whose text may be an opt-out, until somebody decides."""
    who = "1 person hears" if number == 1 else f"{number} people hear"
    return f"{who} nothing from us since {since}: their text may be an opt-out, and somebody has to decide."
