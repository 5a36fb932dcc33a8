

def test_a_deduction_enters_the_percent_unrounded(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    admin.execute(
        "UPDATE app.grades SET status = 'graded', score = 1.23456789 WHERE id = %s", [school.grade.id]
    )
    after = _classes(call)[str(school.school_class.id)]
    assert after["average_percent"] == float(100 * Decimal("1.23456789") / school.grade.possible)
