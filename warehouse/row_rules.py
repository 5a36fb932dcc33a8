"""Rules of the catalogue that one row alone can break, and which rows of a copied mart break them."""

from collections.abc import Iterator

import polars as pl

from warehouse.mart import Between, Expectation, InSet, Mart, Ordered
from warehouse.rejections import REJECTED_ROWS

SAME_KEY = "another row has the same key"


def split_rows(mart: Mart, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that keep every rule, and the broken rules of the others in the columns of `rejected_rows`.

    Rows that share a key are all left out: which of them is right cannot be told.
    """
    rules = dict(_row_rules(mart))
    is_broken = pl.any_horizontal(rules.values())
    kept = rows.filter(~is_broken)
    if kept.height == rows.height:
        return kept, REJECTED_ROWS.empty()
    reasons = pl.concat_list(pl.when(rule).then(pl.lit(words)) for words, rule in rules.items())
    letters = (
        rows.select("district_id", key=pl.struct(sorted(mart.sort_key)), reason=reasons.list.drop_nulls())
        .filter(pl.col("reason").list.len() > 0)
        .explode("reason")
        .with_columns(mart=pl.lit(mart.name), row_key=pl.col("key").struct.json_encode())
        .select(REJECTED_ROWS.schema.names())
    )
    return kept, letters.unique().sort(REJECTED_ROWS.sort_key)


def _row_rules(mart: Mart) -> Iterator[tuple[str, pl.Expr]]:
    """Yield each rule in words with the condition that is true for a row that breaks it."""
    for name in mart.required_columns:
        yield f"{name} is missing", pl.col(name).is_null()
    for promise in mart.expectations:
        yield _words(promise), _is_broken(promise).fill_null(value=False)
    yield SAME_KEY, pl.struct(mart.sort_key).is_duplicated()


def _is_broken(promise: Expectation) -> pl.Expr:
    if isinstance(promise, InSet):
        return ~pl.col(promise.column).is_in(promise.values)
    if isinstance(promise, Ordered):
        return pl.col(promise.smaller) > pl.col(promise.larger)
    return _outside(promise)


def _outside(promise: Between) -> pl.Expr:
    column, nothing = pl.col(promise.column), pl.lit(value=False)
    too_small = column < promise.minimum if promise.minimum is not None else nothing
    too_large = column > promise.maximum if promise.maximum is not None else nothing
    return too_small | too_large


def _words(promise: Expectation) -> str:
    if isinstance(promise, InSet):
        return f"{promise.column} is none of: {', '.join(promise.values)}"
    if isinstance(promise, Ordered):
        return f"{promise.smaller} is greater than {promise.larger}"
    bounds = [f"under {promise.minimum}"] if promise.minimum is not None else []
    bounds += [f"over {promise.maximum}"] if promise.maximum is not None else []
    return f"{promise.column} is {' or '.join(bounds)}"
