"""`scope osc` lists what can be sent."""


def test_addresses_of_a_pipeline_with_what_they_take(scope):
    lines = scope("osc", "dim-test").out.splitlines()
    assert "/scope/dim-test/level  a number from 0 to 1" in lines
    assert "/scope/bpm  a number from 20 to 300" in lines
    assert not any("strength" in line for line in lines), "strength is read at load"


def test_an_unknown_pipeline_is_named(scope):
    outcome = scope("osc", "dim-tset")
    assert outcome.code == 2
    assert "did you mean 'dim-test'" in " ".join(outcome.err.split())
