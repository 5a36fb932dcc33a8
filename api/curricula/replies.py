"""What we ask of a model for an outline, as types: the schema it must follow, and the parse of what it sends."""

from pydantic import BaseModel, ConfigDict


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FoundSection(_Reply):
    """A section as a model found it in numbered blocks. Whether the numbers fit is the gate's to say."""

    unit: str
    title: str
    objectives: list[str]
    concepts: list[str]
    first_block: int
    last_block: int


class FoundSections(_Reply):
    sections: list[FoundSection]


class PlacedSection(_Reply):
    id: int
    unit: str
    duplicate_of: int
    """The id of the section that says the same; -1: none does."""


class PlacedSections(_Reply):
    """All sections in the order in which they are taught."""

    sections: list[PlacedSection]
