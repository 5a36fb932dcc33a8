"""Questions survive the journey through each exchange format, and foreign files are taken for what they are."""

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.question_banks.formats.exchange import (
    ConceptName,
    ExchangedQuestion,
    QuestionBody,
    ReadBank,
    UnreadableFileError,
    UnsafeXmlError,
)
from api.question_banks.formats.gift import read_gift, write_gift
from api.question_banks.formats.moodle_xml import read_moodle_xml, write_moodle_xml
from api.question_banks.formats.qti import read_qti, write_qti
from api.questions.schemas import FreeResponseIn, MultipleChoiceIn
from core.models import Difficulty

Written = Callable[[list[ExchangedQuestion]], bytes]

FORMATS: dict[str, tuple[Written, Callable[[bytes], ReadBank]]] = {
    "gift": (lambda questions: write_gift(questions).encode(), read_gift),
    "moodle_xml": (write_moodle_xml, read_moodle_xml),
    "qti": (write_qti, read_qti),
}

_SIGNS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t~=#{}:\\%/[]<>&\"'-")


def texts(length: int) -> st.SearchStrategy[str]:
    """What a person may type, the signs that formats give a meaning to above all."""
    hostile = st.sampled_from(
        ["%50% off", "// no comment", "::a::", "{=b}", "####", "->", "[html]<b>", "]]>", "\\n"]
    )
    return (hostile | st.text(_SIGNS, min_size=1, max_size=length)).map(str.strip).filter(bool)


POINTS = st.decimals("0.0001", "1000", places=4)


@st.composite
def multiple_choice(draw: st.DrawFn) -> MultipleChoiceIn:
    options = draw(st.lists(texts(40), min_size=4, max_size=4, unique_by=str.casefold))
    right = draw(st.integers(0, 3))
    feedback = st.none() | texts(40)
    return MultipleChoiceIn.model_validate(
        {
            "kind": "multiple_choice",
            "options": [
                {"text": text, "is_correct": place == right, "feedback": draw(feedback)}
                for place, text in enumerate(options)
            ],
            **draw(_shared()),
        }
    )


@st.composite
def free_response(draw: st.DrawFn) -> FreeResponseIn:
    level = st.fixed_dictionaries(
        {"label": texts(10), "points": st.just("0"), "description": st.none() | texts(20)}
    )
    criterion = st.fixed_dictionaries(
        {"criterion": texts(40), "points": POINTS, "levels": st.lists(level, max_size=2)}
    )
    return FreeResponseIn.model_validate(
        {
            "kind": "free_response",
            "model_answer": draw(st.none() | texts(60)),
            "rubric": draw(st.lists(criterion, max_size=3)),
            "partial_credit": draw(st.booleans()),
            **draw(_shared()),
        }
    )


def _shared() -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {
            "prompt": texts(80),
            "points": POINTS,
            "difficulty": st.sampled_from(Difficulty),
            "explanation": st.none() | texts(60),
            "source_quote": st.none() | texts(60),
        }
    )


CONCEPTS = st.lists(st.builds(ConceptName, texts(10), texts(10)), max_size=3).map(tuple)
BODIES: st.SearchStrategy[QuestionBody] = multiple_choice() | free_response()
QUESTIONS = st.lists(st.builds(ExchangedQuestion, BODIES, st.none() | texts(30), CONCEPTS), max_size=4)


@pytest.mark.parametrize("name", FORMATS)
@given(questions=QUESTIONS)
@settings(max_examples=60, deadline=None)
def test_a_bank_loses_nothing_on_its_way(name: str, questions: list[ExchangedQuestion]) -> None:
    write, read = FORMATS[name]
    bank = read(write(questions))
    assert bank.skipped == []
    assert bank.questions == questions


MOODLE_GIFT = b"""// A bank as Moodle writes it
$CATEGORY: $course$/top/Biology

// question: 1  name: Powerhouse
::Powerhouse::[html]<p>Which part is the <b>powerhouse</b> of the cell?</p>{
\t=<p>The mitochondrion</p>#<p>Right \\: it makes ATP.</p>
\t~<p>The nucleus</p>
\t~%0%The ribosome
\t~The membrane
\t####<p>See chapter 3.</p>
}

::Essay::Tell what plants need. {}

Plants {~eat =make ~buy ~sell} their food.

::Truth::The sun is a star.{T}

::Number::How many cells?{#3}

::Pairs::Match. {=a -> b =c -> d}

::Two::Pick. {~%50%a ~%50%b ~c ~d}

::Three::Pick. {=a ~b ~c}

::Picture::[html]<img src="@@PLUGINFILE@@/x.png">{=a ~b ~c ~d}

Only a description.
"""

MOODLE_XML = b"""<?xml version="1.0"?>
<quiz>
  <question type="category"><category><text>$course$/top</text></category></question>
  <question type="multichoice">
    <name><text>Powerhouse</text></name>
    <questiontext format="html"><text><![CDATA[<p>Which part is the <b>powerhouse</b>?</p>]]></text></questiontext>
    <generalfeedback format="html"><text>See chapter&nbsp;3.</text></generalfeedback>
    <defaultgrade>2.0000000</defaultgrade><single>true</single>
    <answer fraction="100" format="html"><text>The mitochondrion</text>
      <feedback><text>Right.</text></feedback></answer>
    <answer fraction="0" format="html"><text>The nucleus</text></answer>
    <answer fraction="0" format="html"><text>The ribosome</text></answer>
    <answer fraction="0" format="html"><text>The membrane</text></answer>
  </question>
  <question type="essay"><name><text>Essay</text></name>
    <questiontext format="moodle_auto_format"><text>Tell what plants need.</text></questiontext>
    <graderinfo format="html"><text>&lt;p&gt;Light, water&lt;/p&gt;</text></graderinfo></question>
  <question type="truefalse"><name><text>Truth</text></name></question>
</quiz>
""".replace(b"&nbsp;", b"&#160;")

QTI_ITEM = b"""<?xml version="1.0" encoding="UTF-8"?>
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="choice" title="Unattended Luggage"
    adaptive="false" timeDependent="false">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
    <correctResponse><value>ChoiceA</value></correctResponse>
  </responseDeclaration>
  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>
  <itemBody>
    <p>Look at the text
       in the picture.</p>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">
      <prompt>What does it say?</prompt>
      <simpleChoice identifier="ChoiceA">Stay <em>with</em> your luggage.</simpleChoice>
      <simpleChoice identifier="ChoiceB">Never let others look after it.</simpleChoice>
      <simpleChoice identifier="ChoiceC">Remember it when you leave.</simpleChoice>
      <simpleChoice identifier="ChoiceD">Weigh it.</simpleChoice>
    </choiceInteraction>
  </itemBody>
</assessmentItem>"""


def packed(item: bytes, manifest: bytes | None = None) -> bytes:
    manifest = manifest or (
        b'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>'
        b'<resource identifier="r" type="imsqti_item_xmlv2p1" href="item.xml"/></resources></manifest>'
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest)
        archive.writestr("item.xml", item)
    return content.getvalue()


def test_a_gift_file_of_moodle_is_read() -> None:
    bank = read_gift(MOODLE_GIFT)
    powerhouse, essay, missing_word = (question.body for question in bank.questions)
    assert isinstance(powerhouse, MultipleChoiceIn)
    assert powerhouse.prompt == "Which part is the powerhouse of the cell?"
    assert [option.text for option in powerhouse.options if option.is_correct] == ["The mitochondrion"]
    assert powerhouse.options[0].feedback == "Right : it makes ATP."
    assert powerhouse.explanation == "See chapter 3."
    assert isinstance(essay, FreeResponseIn)
    assert missing_word.prompt == "Plants _____ their food."


def test_what_a_gift_file_holds_beside_our_kinds_is_named() -> None:
    skipped = {(entry.name, entry.code) for entry in read_gift(MOODLE_GIFT).skipped}
    assert skipped == {
        ("Truth", "unsupported_type"),
        ("Number", "unsupported_type"),
        ("Pairs", "unsupported_type"),
        ("Two", "not_one_correct"),
        ("Three", "not_four_options"),
        ("Picture", "has_media"),
        (None, "no_answers"),
    }


def test_a_moodle_xml_file_is_read() -> None:
    bank = read_moodle_xml(MOODLE_XML)
    powerhouse, essay = (question.body for question in bank.questions)
    assert isinstance(powerhouse, MultipleChoiceIn)
    assert (powerhouse.prompt, powerhouse.points) == ("Which part is the powerhouse?", Decimal(2))
    assert powerhouse.explanation == "See chapter 3."
    assert isinstance(essay, FreeResponseIn)
    assert essay.model_answer == "Light, water"
    assert [(entry.item, entry.name, entry.code) for entry in bank.skipped] == [
        (3, "Truth", "unsupported_type")
    ]


def test_an_item_of_another_program_is_read_from_a_qti_package() -> None:
    (question,) = read_qti(packed(QTI_ITEM)).questions
    assert isinstance(question.body, MultipleChoiceIn)
    assert question.name == "Unattended Luggage"
    assert question.body.prompt == "Look at the text in the picture.\n\nWhat does it say?"
    assert [option.text for option in question.body.options if option.is_correct] == [
        "Stay with your luggage."
    ]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>'
)
REACHING = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>'


@pytest.mark.parametrize(
    "document", [BOMB, REACHING], ids=["entities in entities", "an entity that is a file"]
)
def test_xml_that_declares_anything_is_refused(document: bytes) -> None:
    for read in (
        read_moodle_xml,
        lambda content: read_qti(packed(content)),
        lambda c: read_qti(packed(QTI_ITEM, c)),
    ):
        with pytest.raises(UnsafeXmlError):
            read(document)


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_gift, b"\xff\xfe\x00"),
        (read_moodle_xml, b"<quiz>"),
        (read_moodle_xml, b"<html/>"),
        (read_moodle_xml, b""),
        (read_qti, packed(QTI_ITEM, b"<manifest>")),
    ],
    ids=["not text", "cut off", "other xml", "empty", "broken manifest"],
)
def test_a_file_of_another_kind_is_refused(read: Callable[[bytes], ReadBank], content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read(content)


def essay_of_qti(inside: str, hidden: str = "{}") -> bytes:
    """A package with one item, and what we keep beside it."""
    item = (
        f"<assessmentItem>{inside}<itemBody><p>Why?</p><extendedTextInteraction/></itemBody></assessmentItem>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", '<manifest><resource href="items/a.xml"/></manifest>')
        archive.writestr("items/a.xml", item)
        archive.writestr("homeroom/a.json", hidden)
    return target.getvalue()


def worth(number: str) -> str:
    return f'<outcomeDeclaration identifier="MAXSCORE"><value>{number}</value></outcomeDeclaration>'


def essay_of_moodle(text: str) -> bytes:
    body = f"<questiontext><text><![CDATA[{text}]]></text></questiontext>"
    return f'<quiz><question type="essay">{body}</question></quiz>'.encode()


DEEP = "[" * 100_000
EXHAUSTING: dict[str, tuple[Callable[[bytes], ReadBank], bytes, str | None]] = {
    "brackets in a comment": (read_gift, f"// homeroom: {DEEP}\n::a::Why? {{}}\n".encode(), None),
    "brackets beside an item": (read_qti, essay_of_qti("", DEEP), None),
    "a number of a billion zeros": (read_qti, essay_of_qti(worth("1e999999999")), "invalid_number"),
    "a number of a million zeros": (read_qti, essay_of_qti(worth("1e999999")), "invalid_number"),
    "tags in tags": (read_moodle_xml, essay_of_moodle("<div>" * 100_000), "too_much_markup"),
    "blanks": (read_qti, essay_of_qti(f"<modalFeedback>{' ' * 200_000}</modalFeedback>"), None),
}


@pytest.mark.parametrize("name", EXHAUSTING)
@pytest.mark.timeout(20)
def test_a_file_that_would_exhaust_its_reader_is_read_at_once(name: str) -> None:
    read, content, code = EXHAUSTING[name]
    bank = read(content)
    assert [entry.code for entry in bank.skipped] == ([] if code is None else [code])


def test_elements_nested_without_end_are_refused() -> None:
    with pytest.raises(UnreadableFileError):
        read_qti(essay_of_qti("<p>" * 50_000 + "</p>" * 50_000))


def test_what_no_database_can_hold_is_left_out_of_names() -> None:
    hidden = r'{"name": "a\u0000\ud800b", "concepts": [["M\u0000", "\udfffx"]]}'
    (question,) = read_qti(essay_of_qti("", hidden)).questions
    assert (question.name, question.concepts) == ("ab", (ConceptName("M", "x"),))
