"""How many reminders a second leave, against the limits of this machine: `make bench`."""
