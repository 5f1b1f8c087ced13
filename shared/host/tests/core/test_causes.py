"""Why something failed, in one line."""

import pytest

from scope.core.causes import cause, origin


def test_a_cause_says_where_it_was_raised():
    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 / 0
    place = f"test_causes.py:{raised.traceback[-1].lineno + 1}"
    assert (cause(raised.value), origin(raised.value)) == (f"ZeroDivisionError: division by zero ({place})", place)


def test_a_cause_without_a_traceback_is_its_type_and_text():
    assert cause(ValueError("no")) == "ValueError: no"
