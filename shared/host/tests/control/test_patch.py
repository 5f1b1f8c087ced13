import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.control.patch import Operation, PatchError, apply_patch, difference, look_up

DOCUMENT = {"name": "a", "stages": [{"id": "fx", "values": {"trails": 0.5}}, {"id": "b", "values": {}}]}


def patched(*operations: dict) -> dict:
    return apply_patch(DOCUMENT, [Operation.model_validate(operation) for operation in operations])


def test_an_item_is_addressed_by_id_or_index():
    by_id = patched({"op": "replace", "path": "/stages/b/values", "value": {"x": 1}})
    by_index = patched({"op": "replace", "path": "/stages/1/values", "value": {"x": 1}})
    assert by_id == by_index
    assert look_up(by_id, "/stages/b/values/x") == 1


def test_a_patch_leaves_the_old_document_alone_and_shares_the_rest():
    before = copy.deepcopy(DOCUMENT)
    new = patched({"op": "add", "path": "/stages/fx/values/trails", "value": 1})
    assert before == DOCUMENT
    assert new["stages"][1] is DOCUMENT["stages"][1]


def test_move_and_copy_carry_a_stage():
    moved = patched({"op": "move", "from": "/stages/fx", "path": "/stages/-"})
    assert [stage["id"] for stage in moved["stages"]] == ["b", "fx"]
    copied = patched({"op": "copy", "from": "/stages/0/values", "path": "/stages/1/values"})
    assert copied["stages"][1]["values"] == {"trails": 0.5}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "remove", "path": "/stages/nobody"}, "expected an index or an id, got 'nobody'"),
        ({"op": "replace", "path": "/stages/7/on", "value": 1}, "there is no '7' at this place"),
        ({"op": "add", "path": "/stages/9", "value": 1}, "no place '9' in a list of 2"),
        ({"op": "add", "path": "/name/x", "value": 1}, "expected an object or a list on the path"),
        ({"op": "test", "path": "/name", "value": "b"}, "/name: expected 'b', found 'a'"),
        ({"op": "move", "path": "/stages/fx/values", "from": "/stages/fx"}, "cannot move /stages/fx into itself"),
        ({"op": "move", "path": "/name"}, "/name: move needs 'from'"),
        ({"op": "add", "path": "", "value": {}}, "expected a path that begins with '/'"),
    ],
)
def test_a_patch_that_does_not_fit_names_the_place(operation, message):
    with pytest.raises(PatchError) as caught:
        patched(operation)
    assert message in str(caught.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b/c", "d~1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x", "y/z", "~"]), inner),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from(["id", "x", "y/z", "~"]), values)


@given(documents, documents)
def test_the_difference_leads_from_one_document_to_the_other(old, new):
    assert apply_patch(old, difference(old, new)) == new
