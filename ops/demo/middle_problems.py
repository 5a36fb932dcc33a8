"""Problems of the middle grades: ratio, percent, negative numbers, first algebra, chance and data."""

from fractions import Fraction

import numpy as np

from ops.demo.question_draft import Problem, ProblemTemplate, between, problem


def recipe(random: np.random.Generator) -> Problem:
    cups, people, factor = between(random, 2, 7), between(random, 3, 6), between(random, 2, 5)
    wanted = people * factor
    return problem(
        f"A recipe for {people} people needs {cups} cups of rice. How many cups are needed for {wanted} people?",
        cups * factor,
        (cups + wanted - people, cups * wanted, cups + factor),
        f"{wanted} people are {factor} times as many, so {cups} × {factor} = {cups * factor} cups.",
    )


def unit_rate(random: np.random.Generator) -> Problem:
    speed, hours = between(random, 8, 24), between(random, 2, 6)
    return problem(
        f"A cyclist rides {speed * hours} km in {hours} hours at a steady pace. What is the speed?",
        f"{speed} km/h",
        (f"{speed * hours * hours} km/h", f"{speed * hours - hours} km/h", f"{speed + hours} km/h"),
        f"{speed * hours} km ÷ {hours} h = {speed} km/h.",
    )


def percent_of(random: np.random.Generator) -> Problem:
    percent, whole = 5 * between(random, 3, 15), 20 * between(random, 4, 19)
    part = percent * whole // 100
    return problem(
        f"{percent} % of the {whole} students of a school walk to school. How many walk?",
        part,
        (whole - percent, whole - part, percent, part + 10),
        f"{percent}/100 × {whole} = {part}.",
    )


def discount(random: np.random.Generator) -> Problem:
    price, percent = 20 * between(random, 2, 9), 5 * between(random, 2, 8)
    off = price * percent // 100
    return problem(
        f"A jacket of ${price} is reduced by {percent} %. What does it cost now?",
        f"${price - off}",
        (f"${price - percent}", f"${off}", f"${price + off}"),
        f"{percent} % of ${price} is ${off}, and ${price} − ${off} = ${price - off}.",
    )


def temperature(random: np.random.Generator) -> Problem:
    low, rise = between(random, 3, 14), between(random, 5, 19)
    return problem(
        f"At dawn it was −{low} °C. By noon it was {rise} degrees warmer. What was the temperature at noon?",
        f"{rise - low} °C",
        (f"{-rise - low} °C", f"{rise + low} °C", f"{low - rise} °C"),
        f"−{low} + {rise} = {rise - low}.",
    )


def negative_product(random: np.random.Generator) -> Problem:
    first, second, third = between(random, 2, 9), between(random, 2, 9), between(random, 2, 12)
    return problem(
        f"What is (−{first}) × (−{second}) − {third}?",
        first * second - third,
        (-first * second - third, first * second + third, -(first + second) - third),
        f"The product of two negatives is positive: {first * second}, and {first * second} − {third} ="
        f" {first * second - third}.",
    )


def evaluate(random: np.random.Generator) -> Problem:
    factor, constant, value = between(random, 2, 8), between(random, 1, 9), between(random, 2, 7)
    return problem(
        f"What is {factor}n + {constant} when n = {value}?",
        factor * value + constant,
        (int(f"{factor}{value}") + constant, factor * (value + constant), factor + value + constant),
        f"{factor} × {value} + {constant} = {factor * value + constant}.",
    )


def collect_terms(random: np.random.Generator) -> Problem:
    first, second, constant = between(random, 2, 9), between(random, 2, 9), between(random, 2, 9)
    return problem(
        f"Simplify {first}x + {constant} + {second}x.",
        f"{first + second}x + {constant}",
        (
            f"{first + second + constant}x",
            f"{first * second}x + {constant}",
            f"{first + second}x² + {constant}",
        ),
        f"Like terms add: {first}x + {second}x = {first + second}x; {constant} stays.",
    )


def two_steps(random: np.random.Generator) -> Problem:
    factor, constant, value = between(random, 2, 9), between(random, 2, 15), between(random, 2, 12)
    total = factor * value + constant
    return problem(
        f"Solve {factor}x + {constant} = {total}.",
        f"x = {value}",
        (f"x = {value + 2}", f"x = {total - constant}", f"x = {total - constant - factor}"),
        f"Subtract {constant}: {factor}x = {total - constant}. Divide by {factor}: x = {value}.",
    )


def proportional(random: np.random.Generator) -> Problem:
    constant, known, asked = between(random, 3, 9), between(random, 2, 6), between(random, 7, 12)
    return problem(
        f"y is proportional to x, and y = {constant * known} when x = {known}. What is y when x = {asked}?",
        constant * asked,
        (constant * known + asked - known, constant * known * asked, constant + asked),
        f"y ÷ x is always {constant}, so y = {constant} × {asked} = {constant * asked}.",
    )


def triangle_area(random: np.random.Generator) -> Problem:
    base, height = 2 * between(random, 2, 9), between(random, 3, 12)
    return problem(
        f"A triangle has a base of {base} cm and a height of {height} cm. What is its area?",
        f"{base * height // 2} cm²",
        (f"{base * height} cm²", f"{base + height} cm²", f"{base * height // 2 + base} cm²"),
        f"Half of base times height: {base} × {height} ÷ 2 = {base * height // 2} cm².",
    )


def marbles(random: np.random.Generator) -> Problem:
    red, blue, green = between(random, 2, 6), between(random, 2, 7), between(random, 2, 5)
    total = red + blue + green
    return problem(
        f"A bag holds {red} red, {blue} blue and {green} green marbles. What is the chance of drawing a red one?",
        Fraction(red, total),
        (Fraction(red, blue + green), Fraction(1, 3), Fraction(1, red), Fraction(total - red, total)),
        f"{red} of the {total} equally likely marbles are red.",
    )


def mean(random: np.random.Generator) -> Problem:
    centre = between(random, 8, 20)
    first, second = between(random, 1, 4), between(random, 5, 7)
    values = [centre - second, centre + first, centre, centre - first, centre + second]
    return problem(
        f"Find the mean of {', '.join(map(str, values))}.",
        centre,
        (centre * 5, centre + 1, centre - second, centre + second),
        f"The sum is {5 * centre}; divided by 5 it is {centre}.",
    )


def median(random: np.random.Generator) -> Problem:
    values = [between(random, 10, 30) for _ in range(5)]
    return problem(
        f"Find the median of {', '.join(map(str, values))}.",
        sorted(values)[2],
        (values[2], sorted(values)[3], sum(values) // 5, sorted(values)[1]),
        f"In order: {', '.join(map(str, sorted(values)))}. The middle one is {sorted(values)[2]}.",
    )


MIDDLE: dict[str, tuple[ProblemTemplate, ...]] = {
    "Ratios and rates": (recipe, unit_rate),
    "Percentages": (percent_of, discount),
    "Negative numbers": (temperature, negative_product),
    "Algebraic expressions": (evaluate, collect_terms),
    "Two-step equations": (two_steps,),
    "Proportional relationships": (proportional,),
    "Area of triangles": (triangle_area,),
    "Probability of simple events": (marbles,),
    "Mean and median": (mean, median),
}
