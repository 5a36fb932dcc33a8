"""Analytic answers as Vega-Lite charts that render as they are: the rows travel inside the chart."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query
from fastapi.encoders import jsonable_encoder

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v5.json"
Spec = dict[str, Any]


class ChartKind(StrEnum):
    VEGA_LITE = "vega-lite"


Chart = Annotated[
    ChartKind | None,
    Query(alias="chart", description="`vega-lite`: a chart of the answer beside it, ready to render."),
]


def bars(rows: Sequence[dict[str, Any]], *, title: str, x: str, y: str, y_title: str) -> Spec:
    """Draw one bar per row, in the order given; `x` names the bars, `y` is their height."""
    encoding = {
        "x": {"field": x, "type": "ordinal", "sort": None, "title": None},
        "y": {"field": y, "type": "quantitative", "title": y_title},
        "tooltip": [{"field": x}, {"field": y}],
    }
    return _chart(rows, title, {"type": "bar"}, encoding)


def lines(rows: Sequence[dict[str, Any]], *, title: str, x: str, y: str, y_title: str) -> Spec:
    """Draw one line over time; `x` holds days."""
    encoding = {
        "x": {"field": x, "type": "temporal", "title": None},
        "y": {"field": y, "type": "quantitative", "title": y_title},
        "tooltip": [{"field": x, "type": "temporal"}, {"field": y}],
    }
    return _chart(rows, title, {"type": "line", "point": True}, encoding)


def points(rows: Sequence[dict[str, Any]], *, title: str, axes: dict[str, str], name: str) -> Spec:
    """Draw one point per row; `axes` holds the fields of x and y with their titles, `name` tells the rows apart."""
    (x, x_title), (y, y_title) = axes.items()
    encoding = {
        "x": {"field": x, "type": "quantitative", "title": x_title},
        "y": {"field": y, "type": "quantitative", "title": y_title},
        "tooltip": [{"field": name}, {"field": x}, {"field": y}],
    }
    return _chart(rows, title, {"type": "point", "filled": True}, encoding)


def _chart(rows: Sequence[dict[str, Any]], title: str, mark: Spec, encoding: Spec) -> Spec:
    channels = [encoding["x"], encoding["y"], *encoding["tooltip"]]
    fields = {channel["field"] for channel in channels}
    values = [{name: value for name, value in row.items() if name in fields} for row in rows]
    return {
        "$schema": VEGA_LITE,
        "title": title,
        "width": "container",
        "data": {"values": jsonable_encoder(values)},
        "mark": mark,
        "encoding": encoding,
    }
