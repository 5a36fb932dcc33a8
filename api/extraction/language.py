"""Which language a text is in, as far as its words tell."""

from py3langid import classify  # type: ignore[import-untyped]

from api.extraction.result import Block

_ENOUGH_CHARACTERS = 40
_SAMPLE_CHARACTERS = 20_000


def load_languages() -> None:
    """Load the model; `guess_language` may then be called where no file can be opened."""
    classify("The first use loads what later uses need.")


def guess_language(blocks: list[Block]) -> str | None:
    """Return the ISO 639-1 code of most of the text; none when there is too little of it to tell."""
    sample, length = [], 0
    for block in blocks:
        sample.append(block.text)
        length += len(block.text)
        if length > _SAMPLE_CHARACTERS:
            break
    text = " ".join(sample)[:_SAMPLE_CHARACTERS]
    return str(classify(text)[0]) if len(text) >= _ENOUGH_CHARACTERS else None
