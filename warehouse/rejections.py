"""Mart: rows of PostgreSQL that broke a rule of the catalogue and were left out, each with the reason."""

from warehouse.mart import DISTRICT, TEXT, Column, InSet, Mart, Sensitivity

SOURCES = ("events", "answers", "attempts", "gradebook", "class_grades", "ai_interactions")
"""Marts copied from PostgreSQL. A row that breaks a rule of a computed mart is a fault of ours and ends the run."""

REJECTED_ROWS = Mart(
    name="rejected_rows",
    grain="one row per row left out of a mart and rule it broke",
    description="The dead letters of the latest run: one bad row never keeps the others from being served.",
    columns=(
        DISTRICT,
        Column("mart", TEXT, "Mart the row was meant for.", Sensitivity.REFERENCE),
        Column(
            "row_key", TEXT, "The row's key in that mart, as JSON with sorted names.", Sensitivity.PERSONAL
        ),
        Column("reason", TEXT, "The rule it broke, in words.", Sensitivity.REFERENCE),
    ),
    sort_key=("mart", "row_key", "reason"),
    owner="data-platform",
    version=1,
    expectations=(InSet("mart", SOURCES),),
)
