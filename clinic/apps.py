from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Interfaces: pages, API and webhooks"

    def ready(self) -> None:
        from clinic import checks, mail_webhooks  # noqa: F401  registers them; listens to mail services
