"""The two tables of Slack's limits, ours and the local workspace's, were written apart and must agree."""

import pytest

from bot.workspace import limits as theirs
from handlers.slack import limits as ours

OTHER_NAMES = {
    "HEADER": ("HEADER_TEXT",),
    "SECTION": ("SECTION_TEXT",),
    "FIELDS": ("SECTION_FIELDS",),
    "FIELD": ("SECTION_FIELD",),
    "ACTIONS": ("ACTIONS_ELEMENTS",),
    "INPUT": ("INPUT_TEXT",),
    "MODAL_TITLE": ("VIEW_TITLE", "VIEW_SUBMIT", "VIEW_CLOSE"),
    "ID": ("IDENTIFIER",),
    "METADATA": ("PRIVATE_METADATA",),
    "VIEWS": ("VIEW_STACK",),
}
STRICTER = {"MESSAGE_TEXT"}
"""Where we keep to less than Slack takes: it cuts messages over 4000 characters in pieces of its own."""


def table(module: object) -> dict[str, float]:
    return {name: value for name, value in vars(module).items() if name.isupper()}


@pytest.mark.parametrize("name", sorted(table(ours)))
def test_each_of_our_limits_is_the_workspaces(name: str) -> None:
    for other in OTHER_NAMES.get(name, (name,)):
        if name in STRICTER:
            assert table(ours)[name] < table(theirs)[other]
        else:
            assert table(ours)[name] == table(theirs)[other]


def test_no_name_is_left_from_a_limit_that_is_gone() -> None:
    assert set(OTHER_NAMES) | STRICTER <= set(table(ours))
