"""Grades: a student's own, a teacher's classes', an admin's school; and every change of them."""

from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

GRADES = "/api/v1/grades"


async def test_a_grade_is_exact_strings(api: Api, school: SchoolBench) -> None:
    shown = data_of(await api.signed_in(school.student).get(f"{GRADES}/{school.grade.id}"))
    assert (shown["score"], shown["possible"], shown["percent"]) == ("2.00", "4.00", "50.00")
    assert (shown["status"], shown["version"]) == ("in_progress", 1)


async def test_history_tells_every_change_in_order(api: Api, school: SchoolBench) -> None:
    (first,) = items_of(await api.signed_in(school.student).get(f"{GRADES}/{school.grade.id}/history"))
    assert (first["version"], first["old_score"], first["new_score"]) == (1, None, "2.00")
    assert (first["source"], first["actor_id"]) == ("automatic", str(school.student.id))


async def test_each_sees_the_grades_that_are_theirs(api: Api, bench: DistrictBench) -> None:
    home, sister = bench.schools
    url = f"{GRADES}/students/{home.student.id}"
    for user in (home.student, home.teacher, home.admin, bench.admin):
        assert [grade["id"] for grade in items_of(await api.signed_in(user).get(url))] == [str(home.grade.id)]
    unknown = await api.signed_in(home.classmate).get(f"{GRADES}/students/{home.school.id}")
    refusal_of(unknown, 404, "not_found")
    for user in (home.classmate, home.other_teacher, home.newcomer, sister.teacher, sister.admin):
        assert (await api.signed_in(user).get(url)).content == unknown.content


async def test_a_classmate_cannot_open_a_grade_by_its_id(api: Api, school: SchoolBench) -> None:
    for path in (f"{GRADES}/{school.grade.id}", f"{GRADES}/{school.grade.id}/history"):
        refusal_of(await api.signed_in(school.classmate).get(path), 404, "not_found")


async def test_the_grades_of_a_class_can_be_listed_one_by_one(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    for query in (f"class_id={school.school_class.id}", f"assignment_id={school.assignment.id}", ""):
        shown = items_of(await teacher.get(f"{GRADES}?{query}"))
        assert [grade["student_id"] for grade in shown] == [str(school.student.id)]
    assert items_of(await teacher.get(f"{GRADES}?status=graded")) == []
    refusal_of(await teacher.get(f"{GRADES}?class_id={school.other_class.id}"), 404, "not_found")


async def test_grades_are_filtered_by_class(api: Api, school: SchoolBench) -> None:
    client, url = api.signed_in(school.student), f"{GRADES}/students/{school.student.id}"
    assert len(items_of(await client.get(f"{url}?class_id={school.school_class.id}"))) == 1
    assert items_of(await client.get(f"{url}?class_id={school.other_class.id}")) == []
