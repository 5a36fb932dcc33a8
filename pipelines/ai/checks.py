"""Checks of what models were asked and proposed."""

from pipelines.ai.assets import ai_grading_agreement, ai_interactions
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.suites import mart_checks
from warehouse.ai import AI_GRADING_AGREEMENT, AI_INTERACTIONS

checks = [
    *mart_checks(ai_interactions, AI_INTERACTIONS),
    reconciles_with_postgres(ai_interactions, AI_INTERACTIONS),
    *mart_checks(ai_grading_agreement, AI_GRADING_AGREEMENT),
]
