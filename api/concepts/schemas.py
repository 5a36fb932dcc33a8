from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Input, Line, Output, Paragraphs


class ConceptCreate(Input):
    subject: Annotated[Line, Field(examples=["Mathematics"])]
    name: Annotated[Line, Field(examples=["Adding fractions"])]
    description: Annotated[Paragraphs | None, Field(examples=["With unlike denominators too."])] = None


class ConceptOut(Output):
    id: UUID
    subject: str
    name: str
    description: str | None
