"""Keys in the place of ids: stable, apart by kind and district, and nothing without the secret."""

import hashlib
import hmac

from warehouse.pseudonyms import Pseudonyms

STUDENT = "01900000-0000-7000-8000-0000000000aa"
OURS, THEIRS = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)


def test_the_same_student_has_the_same_key_always() -> None:
    expected = hmac.new(b"a" * 32, f"person:{STUDENT}".encode(), hashlib.sha256).hexdigest()[:32]
    assert OURS.key("person", STUDENT) == Pseudonyms(b"a" * 32).key("person", STUDENT) == expected


def test_another_district_and_another_kind_give_another_key() -> None:
    keys = {OURS.key("person", STUDENT), THEIRS.key("person", STUDENT), OURS.key("submission", STUDENT)}
    assert len(keys) == 3


def test_who_knows_the_id_and_not_the_secret_finds_no_key() -> None:
    key = OURS.key("person", STUDENT)
    guesses = [Pseudonyms(guess).key("person", STUDENT) for guess in (b"", STUDENT.encode(), b"a", b"a" * 31)]
    plain = [hashlib.new(name, STUDENT.encode()).hexdigest()[:32] for name in ("md5", "sha1", "sha256")]
    assert key not in {*guesses, *plain}


def test_keys_of_many_are_a_table_with_each_id_once() -> None:
    table = OURS.keys("person", ["b", "a", "b"])
    assert table.rows() == [("a", OURS.key("person", "a")), ("b", OURS.key("person", "b"))]
    assert OURS.keys("person", []).height == 0


def test_the_secret_shows_in_no_text() -> None:
    secret = b"chalk-and-slate-and-more-of-them"
    assert "chalk" not in repr(Pseudonyms(secret)) + str(Pseudonyms(secret))
    assert secret.hex() not in Pseudonyms(secret).fingerprint
