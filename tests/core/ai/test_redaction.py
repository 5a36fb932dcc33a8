"""What is hidden from a provider, what is not, and how it comes back."""

import pytest

from core.ai.redaction import Redaction


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("write to ann.lee+school@maple.k12.example.org", "write to [email 1]"),
        ("call (555) 123-4567 or 555-123-4567", "call [phone 1] or [phone 2]"),
        ("call +49 30 1234567 today", "call [phone 1] today"),
        ("row 0199a1b2-0000-7000-8000-0123456789ab", "row [id 1]"),
        ("ann lee and Ann Lee", "[name 1] and [name 2]"),
        ("Ann Leesburg was annexed", "Ann Leesburg was annexed"),
    ],
)
def test_contacts_names_and_ids_are_hidden(text: str, hidden: str) -> None:
    assert Redaction(["Ann Lee"]).hide(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "From 1914 to 1918, and 2020 2021 2022 2023.",
        "Add 100 200 300 400 and 12-34-56.",
        "1,234,567.89 and 3.14159265358979",
        "E = mc² @ home",
    ],
)
def test_numbers_of_a_lesson_are_left_alone(text: str) -> None:
    assert Redaction().hide(text) == text


def test_every_text_of_a_structure_is_hidden_and_restored() -> None:
    redaction = Redaction(["Ann"])
    data = {"source": "Ann", "list": [{"deep": "a@b.example"}], "number": 3, "none": None}
    hidden = redaction.hide(data)
    assert hidden == {
        "source": "[name 1]",
        "list": [{"deep": "[email 2]"}],
        "number": 3,
        "none": None,
    }
    assert redaction.restore(hidden) == data


def test_a_placeholder_nobody_gave_out_stays_as_it_is() -> None:
    assert Redaction().restore("see [name 7]") == "see [name 7]"


@pytest.mark.timeout(20)
def test_a_word_without_end_is_read_once() -> None:
    endless = "a" * 400_000
    assert Redaction().hide(endless) == endless
    assert Redaction().hide(f"{endless}@b.example").endswith("[email 1]")


def test_a_reply_comes_back_without_what_no_table_can_hold() -> None:
    assert Redaction().restore({"prompt": "Why\x00?"}) == {"prompt": "Why?"}
