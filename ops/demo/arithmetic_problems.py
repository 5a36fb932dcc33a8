"""Problems of the elementary grades: whole numbers, fractions, measuring, data."""

from fractions import Fraction

import numpy as np

from ops.demo.question_draft import Problem, ProblemTemplate, between, problem


def value_of_a_digit(random: np.random.Generator) -> Problem:
    digit, place = between(random, 2, 9), between(random, 1, 4)
    rest = f"{between(random, 0, 9999):04d}".replace(str(digit), "1")
    digits = rest[: 4 - place] + str(digit) + rest[4 - place :]
    number = int("1" + digits)
    return problem(
        f"What is the value of the digit {digit} in {number:,}?",
        f"{digit * 10**place:,}",
        (
            f"{digit:,}",
            f"{digit * 10 ** (place - 1):,}" if place > 1 else "0",
            f"{digit * 10 ** (place + 1):,}",
        ),
        f"Counting places from the right, the {digit} stands for {digit} × {10**place:,} = {digit * 10**place:,}.",
    )


def rounding(random: np.random.Generator) -> Problem:
    number = between(random, 1111, 9899)
    nearest = (number + 50) // 100 * 100
    return problem(
        f"A museum had {number:,} visitors in March. Round this to the nearest hundred.",
        f"{nearest:,}",
        (
            f"{number // 100 * 100 + (100 if nearest % 1000 == 0 or nearest < number else 0):,}",
            f"{(number + 5) // 10 * 10:,}",
            f"{(number + 500) // 1000 * 1000:,}",
            f"{nearest - 200:,}",
        ),
        f"The tens of {number:,} decide: it lies nearer to {nearest:,}.",
    )


def product(random: np.random.Generator) -> Problem:
    left, right = between(random, 13, 48), between(random, 12, 29)
    tens = right // 10 * 10
    return problem(
        f"A hall has {left} rows with {right} chairs in each row. How many chairs are there?",
        left * right,
        (left * (right % 10) + left * (right // 10), left * right + 10, left + right, left * right - left),
        f"{left} × {right} = {left} × {tens} + {left} × {right - tens} = {left * tens} + {left * (right - tens)}"
        f" = {left * right}.",
    )


def remainder(random: np.random.Generator) -> Problem:
    group, groups = between(random, 4, 9), between(random, 11, 24)
    left_over = between(random, 1, group - 1)
    total = group * groups + left_over
    return problem(
        f"{total} apples are packed into bags of {group}. How many full bags are there, and how many are left?",
        f"{groups} bags, {left_over} left",
        (
            f"{groups + 1} bags, {left_over} left",
            f"{groups} bags, {group - left_over + group} left",
            f"{groups - 1} bags, {left_over} left",
        ),
        f"{group} × {groups} = {group * groups}, and {total} − {group * groups} = {left_over}.",
    )


def vans_needed(random: np.random.Generator) -> Problem:
    seats, vans = between(random, 6, 9), between(random, 5, 12)
    left_over = between(random, 1, seats - 1)
    people = seats * vans + left_over
    return problem(
        f"{people} people travel in vans with {seats} seats each. How many vans are needed?",
        vans + 1,
        (vans, f"{vans} remainder {left_over}", vans + 2),
        f"{people} ÷ {seats} = {vans} remainder {left_over}; the people left over need one more van.",
    )


def equal_fraction(random: np.random.Generator) -> Problem:
    top, factor = between(random, 1, 5), between(random, 2, 6)
    bottom = top + between(random, 1, 5)
    return problem(
        f"Which fraction is equal to {top}/{bottom}?",
        f"{top * factor}/{bottom * factor}",
        (f"{top + factor}/{bottom + factor}", f"{top * factor}/{bottom}", f"{top}/{bottom * factor}"),
        f"Multiplying top and bottom by {factor} gives {top * factor}/{bottom * factor}.",
    )


def fraction_sum(random: np.random.Generator) -> Problem:
    first_bottom, second_bottom = between(random, 2, 6), between(random, 3, 8)
    first, second = Fraction(1, first_bottom), Fraction(between(random, 1, second_bottom - 1), second_bottom)
    total = first + second
    return problem(
        f"What is {first} + {second}?",
        total,
        (
            f"{1 + second.numerator}/{first_bottom + second.denominator}",
            total + Fraction(1, 12),
            f"{1 + second.numerator}/{second.denominator * first_bottom}",
        ),
        f"Over a common denominator, {first} + {second} = {total}.",
    )


def largest_decimal(random: np.random.Generator) -> Problem:
    tenths = between(random, 3, 8)
    numbers = (
        f"0.{tenths}",
        f"0.{tenths - 1}{between(random, 6, 9)}",
        f"0.{tenths - 2}{between(random, 71, 99)}",
        f"0.0{between(random, 5, 9)}",
    )
    return problem(
        f"Which is the largest of {', '.join(sorted(numbers, key=len))}?",
        numbers[0],
        (numbers[2], numbers[1], numbers[3]),
        f"Compare the tenths first: {tenths} tenths is the most. More digits do not make a decimal larger.",
    )


def rectangle_area(random: np.random.Generator) -> Problem:
    length, width = between(random, 6, 15), between(random, 3, 11)
    return problem(
        f"A garden is {length} m long and {width} m wide. What is its area?",
        f"{length * width} m²",
        (f"{2 * (length + width)} m²", f"{length + width} m²", f"{length * width * 2} m²"),
        f"Area is length times width: {length} × {width} = {length * width} m².",
    )


def rectangle_perimeter(random: np.random.Generator) -> Problem:
    length, width = between(random, 6, 15), between(random, 3, 11)
    return problem(
        f"How much fence goes around a field {length} m long and {width} m wide?",
        f"{2 * (length + width)} m",
        (f"{length * width} m", f"{length + width} m", f"{2 * length + width} m"),
        f"The perimeter is 2 × ({length} + {width}) = {2 * (length + width)} m.",
    )


def third_angle(random: np.random.Generator) -> Problem:
    first, second = between(random, 35, 70), between(random, 40, 85)
    return problem(
        f"Two angles of a triangle measure {first}° and {second}°. What is the third?",
        f"{180 - first - second}°",
        (f"{360 - first - second}°", f"{first + second}°", f"{190 - first - second}°"),
        f"The angles of a triangle add up to 180°: 180 − {first} − {second} = {180 - first - second}.",
    )


def angle_on_a_line(random: np.random.Generator) -> Problem:
    angle = between(random, 25, 155)
    return problem(
        f"Two angles lie side by side on a straight line. One is {angle}°. What is the other?",
        f"{180 - angle}°",
        (f"{360 - angle}°", f"{abs(90 - angle)}°", f"{angle}°"),
        f"Angles on a line add up to 180°: 180 − {angle} = {180 - angle}.",
    )


def table_difference(random: np.random.Generator) -> Problem:
    counts = [between(random, 12, 40) for _ in range(4)]
    days = ("Monday", "Tuesday", "Wednesday", "Thursday")
    listed = ", ".join(f"{day} {count}" for day, count in zip(days, counts, strict=True))
    return problem(
        f"Books lent by the library: {listed}. How many were lent on the busiest two days together?",
        sum(sorted(counts)[2:]),
        (sum(counts[:2]), max(counts), sum(counts), sum(sorted(counts)[1:3])),
        f"The two largest numbers are {sorted(counts)[3]} and {sorted(counts)[2]}.",
    )


ARITHMETIC: dict[str, tuple[ProblemTemplate, ...]] = {
    "Place value": (value_of_a_digit, rounding),
    "Multi-digit multiplication": (product,),
    "Division with remainders": (remainder, vans_needed),
    "Equivalent fractions": (equal_fraction,),
    "Adding fractions": (fraction_sum,),
    "Comparing decimals": (largest_decimal,),
    "Area and perimeter": (rectangle_area, rectangle_perimeter),
    "Measuring angles": (third_angle, angle_on_a_line),
    "Reading data displays": (table_difference,),
}
