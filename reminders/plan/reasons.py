"""Why a reminder was not sent, in words a person can read. Pure."""

from enum import StrEnum


class Reason(StrEnum):
    NONE = ""
    PAST = "past"
    VISIT_SETTLED = "visit_settled"
    VISIT_MOVED = "visit_moved"
    PT_NOT_ORDERED = "pt_not_ordered"
    PT_DECLINED = "pt_declined"
    OTHER_JOB = "other_job"
    NOT_IN_PLAN = "not_in_plan"
    FURTHER_ON = "further_on"
    SURGERY_CANCELLED = "surgery_cancelled"
    PLAN_ENDED = "plan_ended"
    SAID_BY_LATER = "said_by_later"
    PATIENT_INACTIVE = "patient_inactive"
    SKIPPED_BY_STAFF = "skipped_by_staff"
    LEFT_OUT = "left_out"
    PLAN_HELD = "plan_held"
    PHASE_OVER = "phase_over"
    PT_LATER = "pt_later"
    MERGED = "merged"
    BUDGET = "budget"
    LATE = "late"
    OVERTAKEN = "overtaken"
    NO_CONTACT = "no_contact"
    NO_CONSENT = "no_consent"
    OUT_OF_SCOPE = "out_of_scope"
    REVOKED = "revoked"
    SAME_INITIALS = "same_initials"
    TRIAL_MODE = "trial_mode"
    NO_SENDER = "no_sender"
    NO_TEXT = "no_text"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNDELIVERED = "undelivered"
    UNCONFIRMED = "unconfirmed"
    QUIET_HOURS = "quiet_hours"
    TRY_AGAIN = "try_again"
    LEASE_LOST = "lease_lost"
    ANSWER_LOST = "answer_lost"
    CONTACT_HELD = "contact_held"
    CONTACT_LIMIT = "contact_limit"
    SITE_LIMIT = "site_limit"
    NUMBER_RANGE = "number_range"
    DAILY_LIMIT = "daily_limit"
    BREAKER = "breaker"
    FOREIGN = "foreign"
    TEMPORARY = "temporary"
    TRIES_SPENT = "tries_spent"
    NEVER_SEEN = "never_seen"
    QUARANTINED = "quarantined"
    FALLBACK = "fallback"
    FOUND = "found"
    CLOCK = "clock"
    ARRIVED = "arrived"


SENTENCES = {
    Reason.NONE: "",
    Reason.PAST: "Its day had passed when the plan was made.",
    Reason.VISIT_SETTLED: "The visit is booked, over, not needed or cancelled.",
    Reason.VISIT_MOVED: "The visit was moved or its time was freed; a new time has reminders of its own.",
    Reason.PT_NOT_ORDERED: "Physical therapy is not ordered.",
    Reason.PT_DECLINED: "Physical therapy is not for this patient.",
    Reason.OTHER_JOB: "It is for patients with another kind of job.",
    Reason.NOT_IN_PLAN: "It is no longer in the plan.",
    Reason.FURTHER_ON: "It comes later than the plan reaches by now; it comes back in time.",
    Reason.SURGERY_CANCELLED: "The operation was cancelled.",
    Reason.PLAN_ENDED: "This plan ended: the patient has a later operation with a plan of its own.",
    Reason.SAID_BY_LATER: "Said by the plan of the later operation.",
    Reason.PATIENT_INACTIVE: "The patient has died or was transferred.",
    Reason.SKIPPED_BY_STAFF: "Staff took it out of this plan.",
    Reason.LEFT_OUT: "A surgeon or manager took it out of this plan.",
    Reason.PLAN_HELD: "The plan is held; it gets a new date when the plan is released.",
    Reason.PHASE_OVER: "Its phase is over: the next one was moved forward.",
    Reason.PT_LATER: "Physical therapy begins on another day for this patient.",
    Reason.MERGED: "Merged with another message of that day that says the same.",
    Reason.BUDGET: "Left out: daily or weekly limit reached.",
    Reason.LATE: "Its day was over before it could be sent.",
    Reason.OVERTAKEN: "A later message took its place before it could be sent.",
    Reason.NO_CONTACT: "No phone number or e-mail address can be used for it. Call.",
    Reason.NO_CONSENT: "There is no consent to write to this patient. Call.",
    Reason.OUT_OF_SCOPE: "The patient no longer wants this caregiver to be told this.",
    Reason.REVOKED: "This caregiver no longer gets messages.",
    Reason.SAME_INITIALS: "Two people on this phone have the same initials and day of birth: a message could not say "
    "whom it is about. Call.",
    Reason.TRIAL_MODE: "The site is in trial mode and this contact is not a trial recipient.",
    Reason.NO_SENDER: "The site has no sender for this channel.",
    Reason.NO_TEXT: "The protocol has no text for it on this channel, or a value is missing in it.",
    Reason.EXPIRED: "It was no longer useful by the time it could be sent.",
    Reason.REFUSED: "The provider refused it.",
    Reason.UNDELIVERED: "The carrier could not deliver it.",
    Reason.UNCONFIRMED: "It could not be found out whether it arrived.",
    Reason.QUIET_HOURS: "Held until quiet hours end.",
    Reason.TRY_AGAIN: "The provider did not take it; it is tried again.",
    Reason.LEASE_LOST: "The program stopped while sending it.",
    Reason.ANSWER_LOST: "The provider's answer was lost; it may have been sent.",
    Reason.CONTACT_HELD: "Held: a text from this number may be an opt-out, and somebody has to decide.",
    Reason.CONTACT_LIMIT: "This number has had as many texts as the site allows for now.",
    Reason.SITE_LIMIT: "The site has sent as many texts as it allows in a day.",
    Reason.NUMBER_RANGE: "The provider blocks this range of numbers for now.",
    Reason.DAILY_LIMIT: "Daily limit of the account reached, and this text could not wait.",
    Reason.BREAKER: "Held: the provider is in trouble or refuses our account.",
    Reason.FOREIGN: "The site does not text numbers of this country.",
    Reason.TEMPORARY: "It could not be delivered just now; it is tried again.",
    Reason.TRIES_SPENT: "It could not be delivered, and it was tried often enough.",
    Reason.NEVER_SEEN: "The provider's answer was lost, and its list does not show this message.",
    Reason.QUARANTINED: "Sending it crashed the program three times. Call.",
    Reason.FALLBACK: "Sent here because another way did not work.",
    Reason.FOUND: "The provider has it after all.",
    Reason.ARRIVED: "It arrived by another way after all.",
    Reason.CLOCK: "Held: the clocks of this server and its database differ by more than a minute.",
}
