"""Checks of the answers."""

from pipelines.answers.assets import answers
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.suites import mart_checks
from warehouse.answers import ANSWERS

checks = [*mart_checks(answers, ANSWERS), reconciles_with_postgres(answers, ANSWERS)]
