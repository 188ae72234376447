"""Topics in Slack: what a question may be about, to tick in a form or to press in a list."""

from collections.abc import Callable, Sequence

from bot import topics
from bot.topics import Topic
from bot.wording import Words
from handlers.slack import blocks, limits
from handlers.slack.blocks import Block
from handlers.slack.ids import Action
from handlers.slack.markup import cut, speak
from handlers.slack.question import capitalised
from models.forms import Form

NAME = 50
"""So much of a topic's name stands on a button, beside what else it says."""


def field(words: Words, choices: Sequence[Topic], ticked: Sequence[Topic]) -> list[Block]:
    """The nearest topics to tick, those ticked before among them; nothing when there are none."""
    options = [_option(words, each) for each in topics.offered(_sendable(choices), ticked)]
    if not options:
        return []
    return [
        blocks.field(
            "topics",
            words("topic.label"),
            blocks.checkboxes(options, initial=[each.key for each in ticked]),
            optional=True,
            hint=words("topic.hint" if choices else "topic.hint_chosen"),
        )
    ]


def pressable(
    words: Words, choices: Sequence[Topic], chosen: Sequence[Topic], leading: Callable[[Topic], Form]
) -> list[Block]:
    """The nearest topics as buttons; `leading` says what each leads to. A chosen one shows that it is."""
    shown = topics.offered(choices, chosen)
    if not shown:
        return []
    there = {each.key for each in chosen}
    buttons = [
        blocks.button(
            _pressed(words, each, chosen=each.key in there),
            f"{Action.TOPIC}:{each.key}",
            leading(each),
            style="primary" if each.key in there else None,
        )
        for each in shown
    ]
    label = speak(words, "topic.press" if choices else "topic.press_chosen")
    return [blocks.section(label), blocks.actions(*buttons)]


def _sendable(choices: Sequence[Topic]) -> list[Topic]:
    """Those whose key Slack can send back whole."""
    return [each for each in choices if len(each.key) <= limits.OPTION_VALUE]


def _option(words: Words, topic: Topic) -> blocks.Choice:
    described = words("topic.area") if topic.area else ""
    return blocks.Choice(topic.key, capitalised(topics.name(words, topic)), described)


def _pressed(words: Words, topic: Topic, *, chosen: bool) -> str:
    name = cut(capitalised(topics.name(words, topic)), NAME)
    text = words("topic.area_short", area=name) if topic.area else name
    return words("topic.pressed", topic=text) if chosen else text
