"""A lesson as teachers keep it, to be put into files of every kind and found again in what is read from them."""

TITLE = "How plants live"
UNITS = {
    "Photosynthesis": [
        "Plants turn light into sugar. The leaves hold chlorophyll, which takes in red and blue light and gives back"
        " green; that is why a meadow looks green to us.",
        "Water rises through the stem, and carbon dioxide enters through small openings called stomata. For every six"
        " molecules of each, the plant builds one molecule of glucose and sets six molecules of oxygen free.",
    ],
    "Respiration": [
        "At night there is no light, so the plant breathes as animals do: it burns sugar with oxygen and releases"
        " water, carbon dioxide and the energy it needs to grow.",
        "A large tree makes about 100 kg of oxygen in a year, and a person needs about 270 kg. Three trees could keep"
        " one person alive, if they did not breathe themselves.",
    ],
    "Seeds and fruit": [
        "After pollination the ovary grows into a fruit. Its seeds wait for warmth (above 8 degrees) and water before"
        " they begin to germinate.",
        "Wind carries the seeds of the maple, animals those of the cherry, and the coconut swims as far as 4,800 km.",
    ],
}
STEPS = ["Put a bean on wet cotton wool.", "Keep it warm and dark.", "Draw what you see every second day."]
TABLE = [["Part", "Task", "Made of"], ["Root", "takes in water", "cells"], ["Leaf", "makes sugar", "tissue"]]


def plain() -> str:
    """Return the text of the lesson as one string of words."""
    return " ".join([TITLE, *(word for unit, texts in UNITS.items() for word in (unit, *texts))])
