"""A member's portrait: the fields of a profile, how a member is asked now, days away and ties."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.wording import Words
from handlers.slack import blocks, limits
from handlers.slack.blocks import Block, Choice
from handlers.slack.ids import Action, View
from handlers.slack.question import capitalised
from models.forms import Button, Profile
from models.organisation import University
from models.people import Member

SUGGESTED = "suggested"
"""The field of the keywords that are suggested: those that are ticked become keywords."""

LANGUAGES = ("sv", "en", "no", "da", "fi")
"""The languages that a profile offers; others that stand in it already are kept."""


def profile_fields(session: Session, words: Words, profile: Profile, keywords: Sequence[Block] = ()) -> list[Block]:
    """The fields of a profile, filled in; `keywords` stands right below the field for them."""
    university = session.get(University, profile.university_id) if profile.university_id else None
    return [
        blocks.field(
            "title", words("profile.title"), blocks.text_input(initial=profile.title, most=200), optional=True
        ),
        blocks.field(
            "university_id",
            words("profile.university"),
            blocks.search_select(
                initial=Choice(str(university.id), university.name) if university else None,
                placeholder=words("profile.university_placeholder"),
            ),
            optional=True,
        ),
        _lines_field(words, "keywords", profile.keywords),
        *keywords,
        blocks.field(
            "bio", words("profile.bio"), blocks.text_input(multiline=True, initial=profile.bio), optional=True
        ),
        _lines_field(words, "publications", profile.publications),
        blocks.field("languages", words("profile.languages"), _languages(words, profile.languages)),
        blocks.field(
            "capacity",
            words("profile.capacity"),
            blocks.number_input(initial=profile.capacity, most=20),
            hint=words("profile.capacity_hint"),
        ),
    ]


def suggesting(words: Words, suggested: Sequence[str] | None, ticked: Sequence[str] = ()) -> list[Block]:
    """The button that looks for keywords in the rest of the profile, and what it has found, to tick; `suggested` is
    None before it was pressed. What was ticked before stays."""
    button = blocks.actions(blocks.button(words("profile.suggest"), Action.KEYWORDS))
    if suggested is None:
        return [button]
    new = [word for word in suggested if word not in ticked and len(word) <= limits.OPTION_VALUE]
    choices = [Choice(word, word) for word in [*ticked, *new]]
    if not choices:
        return [button, blocks.context(words("profile.suggest_none"))]
    boxes = blocks.checkboxes(choices, initial=ticked)
    hint = words("profile.suggested_hint")
    return [button, blocks.field(SUGGESTED, words("profile.suggested"), boxes, optional=True, hint=hint)]


def standing(words: Words, member: Member) -> str:
    """Whether the member is asked now: available, paused and by whom, or not now until a day."""
    if member.paused_at is not None:
        return words(f"profile.paused_{member.paused_by}", day=words.date(member.paused_at))
    if member.ask_again_from is not None:
        return words("profile.not_now", day=words.date(member.ask_again_from))
    return words("profile.available")


def pause_buttons(words: Words, member: Member) -> list[Block]:
    """The one click that changes whether the member is asked, and days away."""
    carried_on = Button(member=member.id)
    if member.paused_at is not None or member.ask_again_from is not None:
        change = blocks.button(words("profile.resume"), Action.RESUME_ME, carried_on, style="primary")
    else:
        change = blocks.button(words("profile.pause"), Action.PAUSE_ME, carried_on)
    return [change, blocks.button(words("profile.away"), Action.AWAY, carried_on)]


def away_view(words: Words, member_id: int) -> Block:
    """The days of an absence."""
    return blocks.modal(
        View.AWAY,
        words("view.away"),
        [
            blocks.section(words("profile.away_intro")),
            blocks.field("first_day", words("profile.first_day"), blocks.date_input()),
            blocks.field("last_day", words("profile.last_day"), blocks.date_input()),
        ],
        submit=words("button.save"),
        close=words("button.cancel"),
        metadata=Button(member=member_id),
    )


def tie_view(words: Words, member_id: int) -> Block:
    """A tie to a district or a person."""
    return blocks.modal(
        View.CONFLICT,
        words("view.conflict"),
        [
            blocks.section(words("profile.tie_intro")),
            blocks.field(
                "district_id",
                words("profile.tie_district"),
                blocks.search_select(placeholder=words("profile.tie_placeholder")),
                optional=True,
            ),
            blocks.field(
                "person_id",
                words("profile.tie_person"),
                blocks.search_select(placeholder=words("profile.tie_placeholder")),
                optional=True,
            ),
        ],
        submit=words("button.save"),
        close=words("button.cancel"),
        metadata=Button(member=member_id),
    )


def _lines_field(words: Words, name: str, values: list[str]) -> Block:
    return blocks.field(
        name,
        words(f"profile.{name}"),
        blocks.text_input(multiline=True, initial="\n".join(values)),
        optional=True,
        hint=words(f"profile.{name}_hint"),
    )


def _languages(words: Words, chosen: list[str]) -> Block:
    known = [*LANGUAGES, *(code for code in chosen if code not in LANGUAGES)]
    choices = [Choice(code, capitalised(words(f"language.{code}")) if code in LANGUAGES else code) for code in known]
    return blocks.checkboxes(choices, initial=chosen)
