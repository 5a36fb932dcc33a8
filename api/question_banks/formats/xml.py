"""XML in and out, for the formats that are XML."""

from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from api.question_banks.formats.exchange import UnreadableFileError, UnsafeXmlError

_DEEPEST = 100


def parsed(content: bytes) -> Element:
    """Return the root of a document. Raises UnsafeXmlError for a document type or entities, UnreadableFileError."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnsafeXmlError(field="file") from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFileError("This is not well-formed XML.", field="file") from error
    _require_shallow(root)
    return root


def _require_shallow(root: Element) -> None:
    """Our readers follow elements into elements; a file of a program is some ten deep."""
    level, depth = [root], 0
    while level:
        level, depth = [child for element in level for child in element], depth + 1
        if depth > _DEEPEST:
            raise UnreadableFileError("Its elements are nested too deeply.", field="file")


def added(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """Append a child and return it."""
    child = SubElement(parent, tag, attributes)
    child.text = text
    return child


def written(root: Element) -> bytes:
    """Return a document as UTF-8, with its declaration."""
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
