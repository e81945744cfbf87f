"""Who is in the demo. All invented; phone numbers are from the range reserved for fiction."""

from dataclasses import dataclass

SURGEONS = [("hale", "Ida", "Hale"), ("okafor", "Ben", "Okafor"), ("lindqvist", "Sara", "Lindqvist")]
RECEPTION = ("lea", "Lea", "Marsh")
PASSWORD = "aftercare-demo"  # noqa: S105  printed by `make run`; these users exist in demo mode only
SIGN_IN = f"Sign in as a surgeon ({', '.join(user for user, _, _ in SURGEONS)}) or at reception ({RECEPTION[0]}); " \
          f"password: {PASSWORD}"  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """`day`: days since the operation. `reach`: sms, email, both, refused (no consent), none. `keeps`: books visits.

    `caregiver`: another of these people, who hears of the visits on a phone of their own.
    """

    given: str
    family: str
    born: int
    day: int
    procedure: str
    reach: str = "sms"
    language: str = "en"
    pt: str = "undecided"
    job: str = "unknown"
    keeps: bool = True
    caregiver: str = ""


PEOPLE = [
    DemoPatient("Ana", "Ruiz", 1964, 12, "tlif", "both", "es", job="desk"),
    DemoPatient("Tom", "Berg", 1979, 41, "microdiscectomy", job="physical"),
    DemoPatient("Mai", "Tran", 1956, 84, "laminectomy", pt="ordered"),
    DemoPatient("Ola", "Lind", 1971, 40, "llif", "email", job="desk"),
    DemoPatient("Rui", "Costa", 1960, 9, "foraminotomy", "both"),
    DemoPatient("Eve", "Stone", 1968, 13, "microdiscectomy", keeps=False),
    DemoPatient("Sam", "Hill", 1987, 40, "endoscopic-discectomy", job="desk", keeps=False),
    DemoPatient("Joe", "Park", 1952, 1, "kyphoplasty", "none"),
    DemoPatient("Ida", "Wolf", 1975, 17, "laminectomy", job="desk"),
    DemoPatient("Nora", "Quist", 1949, 0, "vertebroplasty", "both"),
    DemoPatient("Luis", "Marin", 1958, 0, "miss", language="es"),
    DemoPatient("Kim", "Osei", 1983, 2, "microdiscectomy", pt="ordered_early", job="physical"),
    DemoPatient("Greta", "Falk", 1944, 3, "si-fusion", "email"),
    DemoPatient("Paul", "Adeyemi", 1966, 5, "plif"),
    DemoPatient("Rosa", "Delgado", 1972, 7, "tlif", "both", "es", job="desk"),
    DemoPatient("Ivo", "Novak", 1990, 21, "endoscopic-discectomy", job="desk"),
    DemoPatient("Hana", "Sato", 1961, 28, "foraminotomy", "refused"),
    DemoPatient("Dan", "Weiss", 1957, 36, "laminectomy", keeps=False),
    DemoPatient("Lucy", "Barlow", 1969, 52, "miss", "both", pt="ordered", job="physical"),
    DemoPatient("Omar", "Haddad", 1976, 63, "plif", pt="ordered", job="desk"),
    DemoPatient("Elin", "Strand", 1948, 70, "kyphoplasty", "email"),
    DemoPatient("Cora", "Finch", 1980, 79, "microdiscectomy", pt="declined", job="desk"),
    DemoPatient("Marco", "Vidal", 1955, 92, "tlif", language="es", pt="ordered"),
    DemoPatient("Ruth", "Amsel", 1946, 110, "si-fusion", "both"),
    DemoPatient("Jan", "Kowal", 1963, 150, "llif", pt="ordered", keeps=False),
    DemoPatient("Vera", "Holt", 1959, 184, "miss", "email"),
    DemoPatient("Noel", "Dube", 1970, 230, "laminectomy", job="desk"),
    DemoPatient("Alma", "Reyes", 1951, 300, "tlif", language="es", caregiver="Marco Vidal"),
    DemoPatient("Finn", "Abbott", 1967, 360, "microdiscectomy", "both"),
    DemoPatient("Zoe", "Markham", 1974, 400, "plif", "email"),
]
