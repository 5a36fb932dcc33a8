"""Checks of the question statistics."""

from pipelines.items.assets import question_statistics
from pipelines.suites import mart_checks
from warehouse.items import QUESTION_STATISTICS

checks = mart_checks(question_statistics, QUESTION_STATISTICS)
