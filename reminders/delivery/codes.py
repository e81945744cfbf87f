"""Provider codes and what each one causes. Twilio's from its error pages; the column `action` is ours.

Read a row as: number, where it may appear, class, action, meaning. Where: S in the answer to a send, C in a
status callback, W in the alarm log of our webhooks, M from a mail server (or a mail service's HTTP status).
A code is a hint, not a contract: `look_up` has a safe answer for the ones nobody has seen.
"""

from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    SEND = "S"
    CALLBACK = "C"
    WEBHOOK = "W"
    MAIL = "M"


class Class(StrEnum):
    """Whose problem it is, and whether it lasts."""

    PERMANENT = "P"  # this number or this message will not work
    TEMPORARY = "T"
    OPTED_OUT = "O"
    LANDLINE = "L"  # cannot receive texts
    ACCOUNT = "A"  # our account or sender: never counted against a patient
    NOT_PROCESSED = "N"  # certainly not sent
    AMBIGUOUS = "U"  # may have been sent
    BUG = "B"  # our text or our settings
    EXPIRED = "E"  # too late to be sent at all
    ALARM = "-"  # not about a message
    UNSEEN = "?"  # a number this table does not know


class Action(StrEnum):
    PAUSE_ACCOUNT = "open the breaker, page, keep everything queued"
    PAUSE_SENDER = "open the breaker of this sender, page, keep its messages queued"
    HOLD_SITE = "the site is not live yet: hold, tell its manager"
    WAIT = "wait as told or back off, retries untouched"
    FIND_OUT = "unknown: wait for evidence, never repeat blindly"
    RETRY = "up to 2 retries, 30 minutes apart, then e-mail"
    RETRY_ONCE = "one retry after 30 minutes, then e-mail"
    RETRY_SLOWLY = "up to 2 retries, an hour apart, then e-mail; slow the sender down"
    RETRY_SOON = "up to 2 retries, 5 minutes apart; slow the sender down"
    RETRY_TOMORROW = "hold for this carrier until midnight Pacific if still useful, else e-mail"
    RETRY_NEXT_WINDOW = "next sending window; alert, as our own check of the window failed"
    HOLD_PREFIX = "hold this number range for an hour, alert"
    OPT_OUT = "suppress, record the opt-out, tell reception"
    MARK_INVALID = "mark the number wrong, reception, e-mail"
    MARK_LANDLINE = "mark the number as a landline, e-mail or call list"
    MARK_FOREIGN = "mark the number as foreign, e-mail, tell the manager"
    GIVE_UP = "no retry, e-mail"
    GIVE_UP_AND_WATCH = "no retry as repeats make it worse, e-mail, alert above 1 %"
    TELL_DEVELOPER = "no retry, alert, e-mail if it renders"
    EXPIRE = "expired: next window or e-mail"
    HUSH = "stop automatic replies to this contact"
    ALERT = "alert only"
    ALERT_AND_RECONCILE = "alert, fetch what our webhooks missed"


# How many more times, and how many minutes apart. What is not here is not retried by itself.
RETRIES = {
    Action.RETRY: (2, 30),
    Action.RETRY_ONCE: (1, 30),
    Action.RETRY_SLOWLY: (2, 60),
    Action.RETRY_SOON: (2, 5),
    Action.RETRY_TOMORROW: (1, 12 * 60),
    Action.RETRY_NEXT_WINDOW: (1, 30),  # the claim itself waits for the window
    Action.HOLD_PREFIX: (1, 60),
}


@dataclass(frozen=True, slots=True)
class Code:
    number: int
    where: str
    meaning: str
    cls: Class
    action: Action

    @property
    def known(self) -> bool:
        """False for a code that is not in the table."""
        return self.cls is not Class.UNSEEN

    @property
    def retries(self) -> int:
        """How many further attempts this code allows."""
        return RETRIES.get(self.action, (0, 0))[0]

    @property
    def minutes_apart(self) -> int:
        """Minutes from one attempt to the next; 0 without retries."""
        return RETRIES.get(self.action, (0, 0))[1]


P, T, O, L = Class.PERMANENT, Class.TEMPORARY, Class.OPTED_OUT, Class.LANDLINE  # noqa: E741
A, N, U, B, E = Class.ACCOUNT, Class.NOT_PROCESSED, Class.AMBIGUOUS, Class.BUG, Class.EXPIRED
Do = Action

ROWS: list[tuple[int, str, Class, Action, str]] = [
    # The account: wrong credentials, suspended, gone
    (401, "SM", A, Do.PAUSE_ACCOUNT, "credentials refused"),
    (403, "SM", A, Do.PAUSE_ACCOUNT, "not allowed"),
    (404, "S", A, Do.PAUSE_ACCOUNT, "account not found"),
    (10001, "SC", A, Do.PAUSE_ACCOUNT, "account disabled"),
    (20003, "SC", A, Do.PAUSE_ACCOUNT, "credentials refused"),
    (20005, "SC", A, Do.PAUSE_ACCOUNT, "account not active"),
    (20404, "S", A, Do.PAUSE_ACCOUNT, "resource or account not found"),
    (30002, "C", A, Do.PAUSE_ACCOUNT, "account suspended"),
    (90010, "SC", A, Do.PAUSE_ACCOUNT, "account not active"),
    (63038, "SC", A, Do.PAUSE_ACCOUNT, "daily message limit of the account reached"),
    (23005, "S", A, Do.PAUSE_ACCOUNT, "redaction settings conflict"),
    (23006, "S", A, Do.PAUSE_ACCOUNT, "redaction settings conflict"),
    # Too fast, or the provider is not well
    (429, "SM", N, Do.WAIT, "too many requests"),
    (20429, "S", N, Do.WAIT, "too many requests"),
    (63017, "S", N, Do.WAIT, "above the account's messages per second"),
    (14107, "W", T, Do.HUSH, "reply loop limit"),
    (20500, "S", U, Do.FIND_OUT, "internal error of the provider"),
    (20503, "S", U, Do.FIND_OUT, "provider unavailable"),  # not processed if it says when to come back
    (21611, "S", T, Do.RETRY_SLOWLY, "the sender's queue is full"),
    (30001, "C", T, Do.RETRY_SLOWLY, "the sender's queue overflowed"),
    # The sender: missing, not ours, not registered
    (21212, "S", A, Do.PAUSE_SENDER, "the sender is not a valid number"),
    (21603, "S", A, Do.PAUSE_SENDER, "no sender given"),
    (21606, "S", A, Do.PAUSE_SENDER, "the sender cannot send texts"),
    (21616, "S", A, Do.PAUSE_SENDER, "the sender matches more than one of our numbers"),
    (21659, "S", A, Do.PAUSE_SENDER, "the sender is not a Twilio number"),
    (21660, "S", A, Do.PAUSE_SENDER, "the sender belongs to another account"),
    (21701, "S", A, Do.PAUSE_SENDER, "no such Messaging Service"),
    (21703, "S", A, Do.PAUSE_SENDER, "the Messaging Service has no number"),
    (21704, "S", A, Do.PAUSE_SENDER, "the Messaging Service has no number"),
    (21705, "S", A, Do.PAUSE_SENDER, "the Messaging Service is not valid"),
    (21712, "S", A, Do.PAUSE_SENDER, "the sender belongs to another Messaging Service"),
    (30024, "C", A, Do.PAUSE_SENDER, "the sender is still being set up"),
    (30032, "C", A, Do.PAUSE_SENDER, "toll-free number not verified"),
    (30033, "C", A, Do.PAUSE_SENDER, "campaign suspended"),
    (30034, "C", A, Do.PAUSE_SENDER, "number not registered for US 10DLC"),
    (30035, "C", A, Do.PAUSE_SENDER, "the sender is still being set up"),
    (21219, "S", A, Do.HOLD_SITE, "trial account: this number is not verified"),
    (21608, "S", A, Do.HOLD_SITE, "trial account: this number is not verified"),
    (572005, "S", A, Do.HOLD_SITE, "trial account: this number is not verified"),
    # The patient's number
    (21211, "S", P, Do.MARK_INVALID, "not a valid number"),
    (21408, "S", P, Do.MARK_FOREIGN, "this country is not enabled"),
    (21610, "SC", O, Do.OPT_OUT, "the recipient opted out"),
    (21612, "S", P, Do.GIVE_UP, "this number cannot be reached from this sender"),
    (21614, "S", L, Do.MARK_LANDLINE, "not a mobile number"),
    (21635, "S", L, Do.MARK_LANDLINE, "a landline"),
    (30003, "C", T, Do.RETRY, "phone off or out of coverage"),
    (30004, "C", P, Do.GIVE_UP, "blocked by the recipient or the carrier"),
    (30005, "C", P, Do.MARK_INVALID, "unknown or inactive phone"),
    (30006, "C", L, Do.MARK_LANDLINE, "a landline or a carrier that cannot be reached"),
    # Our text, our settings
    (21602, "S", B, Do.TELL_DEVELOPER, "empty text"),
    (21604, "S", B, Do.TELL_DEVELOPER, "no recipient"),
    (21605, "S", B, Do.TELL_DEVELOPER, "text too long"),
    (21617, "S", B, Do.TELL_DEVELOPER, "text above 1,600 characters"),
    (21609, "S", B, Do.PAUSE_ACCOUNT, "our callback address is not valid"),
    (21624, "SC", B, Do.TELL_DEVELOPER, "validity period not valid"),
    (30010, "C", B, Do.TELL_DEVELOPER, "price above our maximum"),
    (30019, "C", B, Do.TELL_DEVELOPER, "too large for the carrier: shorten the template"),
    (30045, "SC", B, Do.TELL_DEVELOPER, "validity period not valid"),
    (90007, "SC", B, Do.TELL_DEVELOPER, "validity period not valid"),
    (30039, "C", B, Do.HUSH, "a loop with another machine"),
    (35111, "S", B, Do.TELL_DEVELOPER, "scheduling at the provider, which we do not use"),
    (35114, "S", B, Do.TELL_DEVELOPER, "scheduling at the provider, which we do not use"),
    (35115, "S", B, Do.TELL_DEVELOPER, "scheduling at the provider, which we do not use"),
    (35118, "S", B, Do.TELL_DEVELOPER, "scheduling at the provider, which we do not use"),
    (35125, "S", B, Do.TELL_DEVELOPER, "scheduling at the provider, which we do not use"),
    # On the way: carriers and filters
    (30007, "C", P, Do.GIVE_UP_AND_WATCH, "filtered by the carrier"),
    (30008, "C", T, Do.RETRY_ONCE, "failed, reason unknown"),
    (30009, "C", T, Do.RETRY_ONCE, "a part of the message is missing"),
    (30017, "C", T, Do.RETRY_SLOWLY, "carrier congested"),
    (30020, "C", T, Do.RETRY_ONCE, "internal error; reported as failed, so not ambiguous"),
    (30021, "C", T, Do.RETRY_ONCE, "internal error"),
    (30022, "C", T, Do.RETRY_SOON, "10DLC rate exceeded"),
    (30023, "C", T, Do.RETRY_TOMORROW, "daily cap of the brand at T-Mobile reached"),
    (30025, "C", T, Do.ALERT, "daily cap of the brand nearly reached"),
    (30026, "C", T, Do.ALERT, "daily cap of the campaign nearly reached"),
    (30027, "C", T, Do.RETRY_TOMORROW, "daily cap of the campaign at T-Mobile reached"),
    (30036, "C", E, Do.EXPIRE, "validity period over before it could be sent"),
    (30047, "C", T, Do.RETRY_NEXT_WINDOW, "quiet hours protection"),
    (30410, "C", U, Do.FIND_OUT, "the carrier did not answer; Twilio does not repeat, so as not to double"),
    (30450, "C", T, Do.HOLD_PREFIX, "protection against pumping"),
    (30500, "C", T, Do.RETRY_ONCE, "internal error"),
    (30610, "C", T, Do.RETRY_NEXT_WINDOW, "quiet hours protection"),
    (60005, "C", T, Do.RETRY_ONCE, "carrier error further down"),
    # Our webhooks failed
    (11200, "W", Class.ALARM, Do.ALERT_AND_RECONCILE, "our webhook did not answer"),
    (11205, "W", Class.ALARM, Do.ALERT_AND_RECONCILE, "our webhook could not be reached"),
    (12300, "W", Class.ALARM, Do.ALERT_AND_RECONCILE, "our webhook answered in a wrong format"),
    # Mail: replies of RFC 5321; HTTP services give their status; 518 to 523 (mail_answers), 571 and 572 are ours
    (450, "M", T, Do.RETRY_ONCE, "the other mail server put it off for too long"),
    (518, "M", A, Do.PAUSE_SENDER, "our sender address is refused"),
    (520, "M", A, Do.PAUSE_ACCOUNT, "the mail server turns us away"),
    (523, "M", A, Do.PAUSE_ACCOUNT, "the mail server lacks the encryption or sign-in that is set"),
    (530, "M", A, Do.PAUSE_ACCOUNT, "the mail server wants us to sign in"),
    (534, "M", A, Do.PAUSE_ACCOUNT, "the mail server wants a stronger sign-in"),
    (535, "M", A, Do.PAUSE_ACCOUNT, "the mail server refused our credentials"),
    (550, "M", P, Do.MARK_INVALID, "no such mailbox"),
    (551, "M", P, Do.MARK_INVALID, "the mailbox is elsewhere"),
    (552, "M", T, Do.RETRY_ONCE, "the mailbox is full"),
    (553, "M", P, Do.MARK_INVALID, "the address is not valid"),
    (554, "M", P, Do.GIVE_UP, "refused by the mail server"),
    (571, "M", P, Do.GIVE_UP_AND_WATCH, "against a policy of the mail server"),
    (572, "M", O, Do.OPT_OUT, "on the mail service's list of people who opted out"),
]

CODES = {
    (number, place): Code(number, where, meaning, cls, action)
    for number, where, cls, action, meaning in ROWS
    for place in where
}
ANYWHERE = {number: code for (number, _), code in CODES.items() if number >= 10_000}


def look_up(code: int, where: str) -> Code:
    """What to do about a code. An unseen one is worth one late retry and an alert, never a crash.

    Twilio's own numbers mean the same wherever they turn up; the three-digit ones do not.
    """
    return CODES.get((code, where)) or ANYWHERE.get(code) or _unseen(code, where)


def _unseen(code: int, where: str) -> Code:
    if where == Where.MAIL and 500 <= code <= 599:
        return Code(code, where, "refused by the mail server", Class.PERMANENT, Action.GIVE_UP)
    return Code(code, where, "a code this program does not know", Class.UNSEEN, Action.RETRY_ONCE)
