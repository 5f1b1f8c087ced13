import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.control.setup import Setup, SetupError, check_setup, parse_setup

STAGE = {"id": "fx", "pipeline": "fx"}


def test_a_document_survives_the_way_through_text():
    setup = check_setup(
        {"scope": 1, "name": "Night", "source": {"kind": "sample"}, "stages": [STAGE | {"values": {"trails": 0.8}}]}
    )
    assert parse_setup(setup.model_dump_json()) == setup
    assert setup.document()["stages"][0]["role"] == "main"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stages": [STAGE, STAGE | {"role": "post"}]}, "stages: expected ids that differ, got 'fx' 2 times"),
        ({"stages": [STAGE, STAGE | {"id": "b", "role": "pre"}]}, "expected preprocessors, main, postprocessors in this order"),
        ({"stages": [STAGE, STAGE | {"id": "b"}]}, "expected at most one main pipeline, got 2"),
        ({"stages": [{"id": "fx"}]}, "stages[0].pipeline: is missing"),
        ({"stages": [STAGE | {"role": "last"}]}, "stages[0].role: expected one of 'pre', 'main' or 'post', got \"last\""),
        ({"stages": [STAGE | {"on": 1}]}, "stages[0].on: expected true or false, got 1"),
        ({"stages": [STAGE | {"values": {"a": math.nan}}]}, "stages[0].values: expected a finite number, got nan"),
        ({"stages": [STAGE | {"values": {"a": 10**400}}]}, "expected a number within ±2**53, got one of 401 digits"),
        ({"tempo": {"bpm": 500}}, "tempo.bpm: expected at most 300, got 500"),
        ({"tempoo": {}}, "tempoo: is not a known field"),
        ({"source": {"kind": "file"}}, "source: a source of kind 'file' needs the path of an asset"),
        ({"source": {"width": 64}}, "source: width and height go together"),
        ({"scope": 2}, "the set-up has format 2, and this host reads format 1; update the host"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_field_expectation_and_what_came(change, message):
    with pytest.raises(SetupError) as caught:
        check_setup({"scope": 1} | change)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON at line 1, column 2"),
        ("[1]", "it has no field 'scope'"),
        ('{"name": "x"}', "it has no field 'scope'"),
        ('{"scope": NaN}', "expected a finite number, got NaN"),
        ('{"scope": 1e999}', "expected a finite number, got inf"),
        ('{"name": "\\ud800", "scope": 1}', "half of a surrogate pair"),
        ("[" * 100_000, "nested more than 8 levels deep"),
        ("[[[[[[[[[]]]]]]]]]", "nested more than 8 levels deep"),
        ("9" * 5000, "a number has too many digits"),
        (" " * 1_000_001, "expected at most 1000000 bytes of JSON"),
        (b"\xff", "the text is not UTF-8"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text, message):
    with pytest.raises(SetupError) as caught:
        parse_setup(text)
    assert message in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from([*Setup.model_fields, "id", "pipeline", "role", "values", "kind", "text"])


@given(st.dictionaries(fields, json_values | st.lists(st.dictionaries(fields, json_values), max_size=3), max_size=6))
def test_whatever_comes_is_a_set_up_that_can_be_sent_or_a_set_up_error(value):
    try:
        setup = check_setup({"scope": 1} | value)
    except SetupError:
        return
    assert parse_setup(json.dumps(setup.document(), allow_nan=False)) == setup


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(text):
    with pytest.raises(SetupError):
        parse_setup(text)
