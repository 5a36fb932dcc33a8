"""Logits and normal probabilities, each as a number and as a Polars expression that agrees with it."""

import math

import polars as pl


def logit(probability: float) -> float:
    """Return the log-odds of a probability strictly between 0 and 1; 0.405 for 0.6.

    Raises ValueError at 0, at 1 and outside.
    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"a logit needs a probability strictly between 0 and 1, not {probability}")
    return math.log(probability / (1.0 - probability))


def logistic(log_odds: float) -> float:
    """Return the probability of log-odds; 0.6 for 0.405. Never overflows."""
    if log_odds >= 0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1.0 + odds)


def normal_probability(score: float) -> float:
    """Return Φ(score), the share of a standard normal below it; Φ(0.8416) = 0.8."""
    return 0.5 * (1.0 + math.erf(score / math.sqrt(2.0)))


def logit_of(probability: pl.Expr) -> pl.Expr:
    """Return the log-odds of a column of probabilities strictly between 0 and 1."""
    return (probability / (1.0 - probability)).log()


def logistic_of(log_odds: pl.Expr) -> pl.Expr:
    """Return the probability of a column of log-odds."""
    return 1.0 / (1.0 + (-log_odds).exp())


def normal_probability_of(score: pl.Expr) -> pl.Expr:
    """Return Φ of a column of standard scores."""
    return 0.5 * (1.0 + (score / math.sqrt(2.0)).erf())
