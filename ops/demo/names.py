"""Invented people: common first and family names, combined at random."""

import numpy as np

FIRST_NAMES = """
    Aaliyah Abigail Adam Aisha Alejandro Alice Amara Amir Ana Andre Anika Anthony Aria Arjun Asher Ava
    Beatriz Benjamin Bianca Caleb Camila Carlos Chloe Clara Connor Daniel Daria David Delia Diego
    Dominic Elena Eli Elijah Ella Emeka Emily Emma Ethan Eva Farah Felix Fiona Gabriel Grace Hana Hannah
    Hassan Henry Hugo Ian Ibrahim Imani Ines Isaac Isabella Jada Jamal James Jasmine Jonah Jose Julia
    Kai Karim Keisha Kevin Kofi Laila Lam Leah Leo Liam Lina Lucas Lucia Luna Malik Maria Mason Mateo
    Maya Mei Mia Mila Mohammed Naomi Nathan Nia Noah Nora Oliver Olivia Omar Owen Paloma Priya Quinn
    Rafael Rania Ravi Rosa Ruby Ryan Samir Samuel Sara Sofia Stella Tariq Tessa Theo Thomas Tomas Uma
    Valeria Victor Violet Wei William Xavier Yara Yusuf Zara Zoe
""".split()  # noqa: SIM905 - a list literal would put every name on a line of its own

FAMILY_NAMES = """
    Abbott Adeyemi Ahmed Alvarez Anderson Bailey Baker Banerjee Barnes Bennett Bianchi Brooks Brown
    Campbell Castillo Chang Chavez Chen Clark Coleman Cooper Cruz Davis Delgado Diallo Diaz Edwards
    Ellis Evans Fischer Fisher Flores Foster Garcia Gibson Gomez Gonzalez Gray Green Gupta Hall Harris
    Hassan Hayes Henderson Hernandez Hill Howard Hughes Ibrahim Jackson James Jenkins Johnson Jones
    Kelly Khan Kim King Kowalski Kumar Le Lee Lewis Lin Lopez Martin Martinez Mbeki Mendoza Miller
    Mitchell Moore Morales Morgan Murphy Myers Nakamura Nelson Nguyen Novak Nowak Okafor Okoye Ortiz
    Osei Park Parker Patel Perez Perry Phillips Powell Price Ramirez Reed Reyes Rivera Roberts Robinson
    Rodriguez Rossi Russell Sanchez Sanders Santos Schmidt Scott Shah Silva Singh Smith Sullivan Suzuki
    Taylor Thomas Thompson Torres Tran Turner Vargas Walker Wang Ward Washington Watson White Williams
    Wilson Wong Wood Wright Yamamoto Yang Young Zhang
""".split()  # noqa: SIM905 - a list literal would put every name on a line of its own


def draw_names(count: int, random: np.random.Generator) -> list[str]:
    """Return `count` full names; namesakes occur, as they do in a district."""
    first = random.integers(0, len(FIRST_NAMES), size=count)
    family = random.integers(0, len(FAMILY_NAMES), size=count)
    return [f"{FIRST_NAMES[i]} {FAMILY_NAMES[j]}" for i, j in zip(first, family, strict=True)]
