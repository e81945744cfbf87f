from reminders.replies.models.alert import Alert, AlertRule, Cause, SiteSign
from reminders.replies.models.checkin import CheckIn
from reminders.replies.models.reply import Reply
from reminders.replies.models.visit_answer import VisitAnswer
from reminders.replies.parsing.meaning import Intent

__all__ = ["Alert", "AlertRule", "Cause", "CheckIn", "Intent", "Reply", "SiteSign", "VisitAnswer"]
