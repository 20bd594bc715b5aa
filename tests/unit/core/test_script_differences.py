"""Differences between talk scripts: none for equal ones, each change named once, nodes matched by id."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.talkscripts.diff import differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_equal_means_no_difference(before: Any, after: Any) -> None:
    assert differences(before, before) == []
    assert bool(differences(before, after)) == (before != after)


def test_nodes_are_matched_by_id() -> None:
    before = {"nodes": [{"id": "a", "text": "一"}, {"id": "b", "text": "二"}]}
    after = {"nodes": [{"id": "b", "text": "二二"}, {"id": "a", "text": "一"}, {"id": "c", "text": "三"}]}
    found = [(e.path, e.change, e.before, e.after) for e in differences(before, after)]
    assert found == [
        ("nodes[b].text", "changed", "二", "二二"),
        ("nodes[c]", "added", None, {"id": "c", "text": "三"}),
        ("nodes[order]", "changed", ["a", "b"], ["b", "a"]),
    ]
