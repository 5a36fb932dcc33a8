from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas import Input, Line, Output, Paragraphs


class ConceptCreate(Input):
    subject: Annotated[Line, Field(examples=["Mathematics"])]
    name: Annotated[Line, Field(examples=["Adding fractions"])]
    description: Annotated[Paragraphs | None, Field(examples=["With unlike denominators too."])] = None
    code: Annotated[Line | None, Field(examples=["CCSS.MATH.5.NF.A.1"])] = None


class ConceptUpdate(Input):
    """What is left out stays; null empties a field that may be empty."""

    subject: Annotated[Line, Field(default=None, examples=["Mathematics"])]
    name: Annotated[Line, Field(default=None, examples=["Adding fractions"])]
    description: Annotated[Paragraphs | None, Field(examples=["With unlike denominators too."])] = None
    code: Annotated[Line | None, Field(examples=["CCSS.MATH.5.NF.A.1"])] = None


class ConceptOut(Output):
    id: UUID
    subject: str
    name: str
    description: str | None
    code: str | None = None


class PrerequisitesIn(Input):
    concept_ids: Annotated[
        list[UUID], Field(max_length=50, examples=[["01a205a9-3b04-744d-afed-1dca955d52f1"]])
    ]
    """All of them; what is not listed is none any more."""


class Prerequisites(Output):
    """What a concept builds on."""

    concept_id: UUID
    prerequisites: list[ConceptOut]


class CaseUri(Output):
    """CASE's LinkGenURI: only the identifier counts."""

    identifier: str


class CaseItem(Output):
    """A CFItem: one statement of a framework."""

    identifier: Line
    full_statement: Annotated[Paragraphs, Field(alias="fullStatement")]
    abbreviated_statement: Annotated[Line | None, Field(alias="abbreviatedStatement")] = None
    human_coding_scheme: Annotated[Line | None, Field(alias="humanCodingScheme")] = None


class CaseAssociation(Output):
    """A CFAssociation; `precedes` makes its origin a prerequisite of its destination, others are left aside."""

    association_type: Annotated[str, Field(alias="associationType")]
    origin: Annotated[CaseUri, Field(alias="originNodeURI")]
    destination: Annotated[CaseUri, Field(alias="destinationNodeURI")]


class CasePackage(Input):
    """A CASE 1.0 CFPackage (imsglobal.org/case); what we have no use for inside of it is left aside."""

    document: Annotated[
        dict[str, Any],
        Field(alias="CFDocument", examples=[{"title": "State standards", "subject": ["Mathematics"]}]),
    ]
    items: Annotated[
        list[CaseItem],
        Field(
            alias="CFItems",
            max_length=5_000,
            examples=[
                [{"identifier": "5-nf-1", "fullStatement": "Add fractions", "humanCodingScheme": "5.NF.1"}]
            ],
        ),
    ]
    associations: Annotated[
        list[CaseAssociation],
        Field(alias="CFAssociations", max_length=20_000, examples=[[]], default_factory=list),
    ]
    definitions: Annotated[dict[str, Any] | None, Field(alias="CFDefinitions", examples=[None])] = None
    rubrics: Annotated[list[Any] | None, Field(alias="CFRubrics", examples=[None])] = None


class SkippedStatement(Output):
    identifier: str
    code: str
    message: str


class CaseReport(Output):
    """What an import did, or would do."""

    subject: str
    created: int
    updated: int
    unchanged: int
    prerequisites_added: int
    associations_left_aside: int
    skipped: list[SkippedStatement]
