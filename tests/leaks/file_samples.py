"""Samples of the operations about files and curricula."""

from tests.factories.curriculum import PARAGRAPH
from tests.leaks.samples import ANY_VERSION, API, Sample

_CURRICULUM = f"{API}/curricula/{{curriculum_id}}"
_SECTION = f"{_CURRICULUM}/sections/{{section_id}}"

FILE_SAMPLES: dict[str, Sample] = {
    f"POST {API}/files": Sample("teacher", upload=PARAGRAPH.encode),
    f"GET {API}/files": Sample("teacher"),
    f"GET {API}/files/{{file_id}}": Sample("teacher"),
    f"DELETE {API}/files/{{file_id}}": Sample("teacher"),
    f"POST {API}/curricula": Sample("teacher", {"title": "Plants", "file_ids": ["{file_id}"]}),
    f"GET {API}/curricula": Sample("teacher"),
    f"GET {_CURRICULUM}": Sample("teacher"),
    f"PATCH {_CURRICULUM}": Sample("teacher", {"title": "Trees"}, headers=ANY_VERSION),
    f"DELETE {_CURRICULUM}": Sample("teacher", headers=ANY_VERSION),
    f"POST {_CURRICULUM}/finalize": Sample("teacher", headers=ANY_VERSION),
    f"POST {_CURRICULUM}/questions": Sample(
        "teacher", {"counts": {"multiple_choice": 1}, "section_ids": ["{section_id}"]}
    ),
    f"PUT {_CURRICULUM}/sections/order": Sample(
        "teacher", {"section_ids": ["{section_id}"]}, headers=ANY_VERSION
    ),
    f"POST {_CURRICULUM}/sections": Sample(
        "teacher", {"unit": "Plants", "title": "Roots"}, headers=ANY_VERSION
    ),
    f"GET {_SECTION}": Sample("teacher"),
    f"PATCH {_SECTION}": Sample("teacher", {"title": "Leaves"}, headers=ANY_VERSION),
    f"DELETE {_SECTION}": Sample("teacher", headers=ANY_VERSION),
    f"POST {_SECTION}/regenerate": Sample("teacher", headers=ANY_VERSION),
    f"GET {_CURRICULUM}/versions": Sample("teacher"),
    f"GET {_CURRICULUM}/versions/{{version}}": Sample("teacher"),
}
