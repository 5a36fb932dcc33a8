"""Problems of the first high-school years: lines, systems, powers, quadratics, right triangles."""

import numpy as np

from ops.demo.question_draft import Problem, ProblemTemplate, between, problem

_PYTHAGOREAN_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25))


def both_sides(random: np.random.Generator) -> Problem:
    value, right, extra = between(random, 2, 9), between(random, 2, 5), between(random, 2, 5)
    left, constant = right + extra, between(random, 1, 12)
    total = extra * value + constant
    return problem(
        f"Solve {left}x + {constant} = {right}x + {total}.",
        f"x = {value}",
        (f"x = {value + constant}", f"x = {total - constant}", f"x = −{value}"),
        f"Subtract {right}x and {constant}: {extra}x = {total - constant}, so x = {value}.",
    )


def slope(random: np.random.Generator) -> Problem:
    rise, run = between(random, 2, 6), between(random, 1, 4)
    x, y = between(random, 0, 5), between(random, 0, 6)
    return problem(
        f"What is the slope of the line through ({x}, {y}) and ({x + run}, {y + rise * run})?",
        rise,
        (f"1/{rise}", -rise, rise * run),
        f"Rise over run: {rise * run}/{run} = {rise}.",
    )


def intercept(random: np.random.Generator) -> Problem:
    gradient, constant = between(random, 2, 7), between(random, 2, 9)
    return problem(
        f"Where does the line y = {gradient}x − {constant} cross the y-axis?",
        f"(0, −{constant})",
        (f"(0, {constant})", f"(−{constant}, 0)", f"(0, {gradient})"),
        f"At x = 0, y = −{constant}.",
    )


def system(random: np.random.Generator) -> Problem:
    x, y = between(random, 4, 12), between(random, 1, 3)
    return problem(
        f"Solve x + y = {x + y} and x − y = {x - y}.",
        f"x = {x}, y = {y}",
        (f"x = {y}, y = {x}", f"x = {x + y}, y = {x - y}", f"x = {x - 1}, y = {y + 1}"),
        f"Adding the equations gives 2x = {2 * x}, so x = {x} and y = {y}.",
    )


def tickets(random: np.random.Generator) -> Problem:
    adults, children = between(random, 8, 20), between(random, 21, 40)
    return problem(
        f"{adults + children} tickets were sold for ${8 * adults + 5 * children}: adults pay $8, children $5."
        " How many adults came?",
        adults,
        (children, adults + 3, (8 * adults + 5 * children) // 13, adults - 2),
        f"a + c = {adults + children} and 8a + 5c = {8 * adults + 5 * children} give a = {adults}.",
    )


def inequality(random: np.random.Generator) -> Problem:
    factor, bound, constant = between(random, 2, 6), between(random, 2, 9), between(random, 1, 9)
    return problem(
        f"Solve {constant} − {factor}x < {constant - factor * bound}.",
        f"x > {bound}",
        (f"x < {bound}", f"x > −{bound}", f"x < −{bound}"),
        f"−{factor}x < {-factor * bound}. Dividing by a negative number turns the sign: x > {bound}.",
    )


def power_product(random: np.random.Generator) -> Problem:
    base, first, second = between(random, 2, 7), between(random, 2, 6), between(random, 3, 7)
    return problem(
        f"Write {base}^{first} · {base}^{second} as one power.",
        f"{base}^{first + second}",
        (f"{base}^{first * second}", f"{base * base}^{first + second}", f"{2 * base}^{first + second}"),
        f"Powers of one base multiply by adding exponents: {first} + {second} = {first + second}.",
    )


def power_of_power(random: np.random.Generator) -> Problem:
    first, second = between(random, 2, 6), between(random, 3, 5)
    return problem(
        f"Simplify (a^{first})^{second}.",
        f"a^{first * second}",
        (f"a^{first + second}", f"a^{first**second}", f"{second}a^{first}"),
        f"A power of a power multiplies the exponents: {first} · {second} = {first * second}.",
    )


def binomials(random: np.random.Generator) -> Problem:
    first, second = between(random, 2, 9), between(random, 2, 9)
    return problem(
        f"Expand (x + {first})(x + {second}).",
        f"x² + {first + second}x + {first * second}",
        (f"x² + {first * second}", f"x² + {first * second}x + {first + second}", f"2x + {first + second}"),
        f"x·x + {second}x + {first}x + {first}·{second} = x² + {first + second}x + {first * second}.",
    )


def factor(random: np.random.Generator) -> Problem:
    first, second = between(random, 2, 9), between(random, 1, 8)
    return problem(
        f"Factor x² + {first + second}x + {first * second}.",
        f"(x + {min(first, second)})(x + {max(first, second)})",
        (f"(x + {first * second})(x + 1)", f"(x − {first})(x − {second})", f"x(x + {first + second})"),
        f"{first} and {second} add up to {first + second} and multiply to {first * second}.",
    )


def quadratic(random: np.random.Generator) -> Problem:
    first, second = between(random, 1, 5), between(random, 6, 11)
    return problem(
        f"Solve x² − {first + second}x + {first * second} = 0.",
        f"x = {first} or x = {second}",
        (f"x = −{first} or x = −{second}", f"x = {first + second}", f"x = {first} or x = −{second}"),
        f"(x − {first})(x − {second}) = 0, so x = {first} or x = {second}.",
    )


def hypotenuse(random: np.random.Generator) -> Problem:
    short, long, side = _PYTHAGOREAN_TRIPLES[between(random, 0, 3)]
    scale = between(random, 1, 3)
    return problem(
        f"A right triangle has legs of {short * scale} cm and {long * scale} cm. How long is the hypotenuse?",
        f"{side * scale} cm",
        (f"{(short + long) * scale} cm", f"{side * scale + 2} cm", f"{(short**2 + long**2) * scale**2} cm"),
        f"√({short * scale}² + {long * scale}²) = {side * scale}.",
    )


def kite(random: np.random.Generator) -> Problem:
    scale = between(random, 1, 4)
    ground, height, string = (scale * side for side in _PYTHAGOREAN_TRIPLES[between(random, 0, 3)])
    return problem(
        f"A kite flies on a taut string of {string} m, above a point {ground} m away. How high is it?",
        f"{height} m",
        (f"{string - ground} m", f"{string + ground} m", f"{height + 1} m", f"{height - 1} m"),
        f"√({string}² − {ground}²) = {height}.",
    )


ALGEBRA: dict[str, tuple[ProblemTemplate, ...]] = {
    "Linear equations": (both_sides,),
    "Slope and intercept": (slope, intercept),
    "Systems of equations": (system, tickets),
    "Linear inequalities": (inequality,),
    "Exponent rules": (power_product, power_of_power),
    "Multiplying binomials": (binomials,),
    "Factoring quadratics": (factor,),
    "Quadratic equations": (quadratic,),
    "Pythagorean theorem": (hypotenuse, kite),
}
