"""Plain text in the encodings that editors on school computers write."""

from tests.factories.files.lesson import STEPS, TITLE, UNITS

GERMAN = "Größe und Wärme: die Blätter der Eiche öffnen sich für Licht – „grün“ heißt gesund."
POLISH = "Żółte liście spadają z drzew, gdy zbliża się zima i brakuje światła słonecznego."
RUSSIAN = "Растения превращают свет в сахар, а ночью дышат так же, как животные."

ENCODINGS = {
    "utf-8": GERMAN,
    "utf-8-sig": GERMAN,
    "utf-16": RUSSIAN,
    "utf-16-le": GERMAN,
    "utf-16-be": GERMAN,
    "utf-32": POLISH,
    "cp1252": GERMAN,
    "cp1250": POLISH,
    "cp1251": RUSSIAN,
}


def lesson_txt(encoding: str = "utf-8") -> bytes:
    """Return the lesson with its title underlined and its units in capitals."""
    parts = [f"{TITLE}\n{'=' * len(TITLE)}"]
    for unit, texts in UNITS.items():
        parts += [unit.upper(), *texts]
    parts.append("\n".join(f"- {step}" for step in STEPS))
    return "\n\n".join(parts).encode(encoding)
