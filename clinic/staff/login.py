"""Signing in: what is wrong, in words that help, and that tell a stranger nothing about who exists."""

from unfold.forms import AuthenticationForm

HELP = "If you do not remember it, a manager of your clinic can give you a new password."


class LoginForm(AuthenticationForm):  # type: ignore[misc]
    error_messages = {
        "invalid_login": ("The username or the password is wrong. Check both, and whether Caps Lock is on. " + HELP),
        "inactive": "This account is switched off. Ask a manager of your clinic.",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].error_messages["required"] = "Enter your username."
        self.fields["password"].error_messages["required"] = "Enter your password."
