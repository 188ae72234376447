"""What people are told about a person: a member who is no longer asked, a requester whose unit is to be confirmed."""

from sqlalchemy import select

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.ids import Action
from handlers.slack.markup import speak
from handlers.slack.rendering import Scene
from models.forms import Button
from models.organisation import District, Unit
from models.people import Member, Person, Role, RoleKind


def member_paused(scene: Scene) -> Message | None:
    """To a member who is asked nothing more until they say so; None when they are asked again."""
    words = scene.words
    member = scene.session.scalars(
        select(Member).where(Member.organisation_id == scene.delivery.organisation_id, Member.person_id == scene.reader)
    ).first()
    if member is None or member.paused_at is None:
        return None
    back = blocks.button(words("told.button_back"), Action.RESUME_ME, Button(member=member.id), style="primary")
    text = words("told.member_paused")
    return blocks.message(text, [blocks.section(text), blocks.actions(back)])


def requester_new(scene: Scene) -> Message | None:
    """A requester whose unit the coordinators vouch for; None when somebody has."""
    words = scene.words
    role = scene.session.scalars(
        select(Role).where(
            Role.organisation_id == scene.delivery.organisation_id,
            Role.person_id == scene.delivery.subject_id,
            Role.kind == RoleKind.REQUESTER,
        )
    ).first()
    if role is None or role.confirmed_at is not None or role.unit_id is None:
        return None
    name = scene.session.get_one(Person, role.person_id).name
    unit = _unit(scene, scene.session.get_one(Unit, role.unit_id))
    confirm = blocks.button(
        words("told.button_confirm_requester"), Action.REQUESTER_CONFIRM, Button(person=role.person_id), style="primary"
    )
    said = speak(words, "told.requester_new", name=name, unit=unit)
    return blocks.message(
        words("told.requester_new", name=name, unit=unit), [blocks.section(said), blocks.actions(confirm)]
    )


def _unit(scene: Scene, unit: Unit) -> str:
    """The unit with its district: most districts have a unit of the same name."""
    if unit.district_id is None:
        return unit.name
    return f"{unit.name}, {scene.session.get_one(District, unit.district_id).name}"
