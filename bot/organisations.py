"""Organisations: founding one, connecting its workspace, who coordinates, its settings, and what remains of the
first day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import events, jobs, notices, registration
from bot.actors import Actor
from bot.authority import roles_of
from bot.refusals import Invalid, NotAllowed, NotFound
from bot.workdays import Calendar, quiet_periods
from models.case import Case
from models.life import Status
from models.organisation import Area, District, Organisation, Unit, Workspace
from models.people import Identity, Member, Role, RoleKind
from models.settings_form import OrganisationSettings

AREAS = (
    ("funktionshinder", "Funktionshinder", "Disability"),
    ("ekonomiskt_bistand", "Ekonomiskt bistånd", "Income support"),
    ("barn_och_unga", "Barn och unga", "Children and young people"),
    ("missbruk", "Missbruk och beroende", "Substance use and addiction"),
    ("hemloshet", "Hemlöshet och boende", "Homelessness and housing"),
    ("vald", "Våld i nära relationer", "Domestic violence"),
    ("kriminalitet", "Unga och kriminalitet", "Youth crime"),
    ("socialpsykiatri", "Socialpsykiatri och psykisk ohälsa", "Mental health"),
    ("aldreomsorg", "Äldreomsorg", "Care of older people"),
    ("foraldraskap", "Föräldraskap och separation", "Parenthood and separation"),
    ("forebyggande", "Förebyggande arbete", "Prevention"),
    ("brukardelaktighet", "Brukardelaktighet och brukarinflytande", "User participation and influence"),
)
"""The areas that an organisation begins with: code, Swedish name, English name (P13, AST, R22)."""

_OVER = (Status.CLOSED, Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first day has come: how many there are of each, and whether the channels are chosen."""

    coordinators: int
    deputies: int
    coordinators_channel: bool
    forum_channel: bool
    districts: int
    units: int
    members: int

    @property
    def ready(self) -> bool:
        """Whether consultations can be filed, distributed and read: deputies and districts are no condition."""
        channels = self.coordinators_channel and self.forum_channel
        return channels and min(self.coordinators, self.units, self.members) > 0


def found(session: Session, name: str) -> Organisation:
    """The organisation of this name, made with the usual areas of work when it is not there."""
    there = session.scalar(select(Organisation).where(Organisation.name == name))
    if there is not None:
        return there
    organisation = Organisation(name=name)
    session.add(organisation)
    session.flush()
    for position, (code, swedish, english) in enumerate(AREAS):
        area = Area(organisation_id=organisation.id, code=code, name=swedish, name_en=english, position=position)
        session.add(area)
    session.flush()
    return organisation


def only(session: Session, name: str | None = None) -> Organisation:
    """The organisation of this name, or the installation's only one.

    Raises `NotFound` when there is none, `Invalid` when there are several and no name says which.
    """
    query = select(Organisation).order_by(Organisation.id).limit(2)
    found_ones = session.scalars(query.where(Organisation.name == name) if name else query).all()
    if not found_ones:
        raise NotFound("organisation")
    if len(found_ones) > 1:
        raise Invalid("organisation_which")
    return found_ones[0]


def connect(session: Session, organisation_id: int, platform: str, team: str, name: str) -> Workspace:
    """Let the organisation talk in a chat workspace; connecting again only brings its name up to date.

    Raises `Invalid` when the workspace is another organisation's.
    """
    workspace = session.scalar(select(Workspace).where(Workspace.platform == platform, Workspace.team == team))
    if workspace is None:
        workspace = Workspace(organisation_id=organisation_id, platform=platform, team=team)
        session.add(workspace)
    elif workspace.organisation_id != organisation_id:
        raise Invalid("workspace_taken")
    workspace.name = name
    session.flush()
    return workspace


def set_channels(session: Session, actor: Actor, *, coordinators: str | None = None, forum: str | None = None) -> None:
    """Choose the coordinators' channel and the forum's, by the platform's ids; None leaves one as it is.

    Raises `NotAllowed` unless the actor manages the organisation, `NotFound` when no workspace is connected.
    """
    authorise(session, actor)
    workspace = workspace_of(session, actor.organisation_id)
    if workspace is None:
        raise NotFound("workspace")
    chosen = {notices.COORDINATORS: coordinators, notices.FORUM: forum}
    for receiver, channel in chosen.items():
        column = f"{receiver.removeprefix('channel:')}_channel"
        if channel is not None and channel != getattr(workspace, column):
            setattr(workspace, column, channel)
            jobs.moved(session, organisation_id=actor.organisation_id, surface=workspace.platform, receiver=receiver)
    session.flush()
    refresh(session, actor.organisation_id)


def workspace_of(session: Session, organisation_id: int) -> Workspace | None:
    """The workspace whose channels the organisation uses: the one connected first."""
    return session.scalar(
        select(Workspace)
        .where(Workspace.organisation_id == organisation_id, Workspace.platform == notices.SURFACE)
        .order_by(Workspace.id)
        .limit(1)
    )


def appoint(session: Session, actor: Actor, person_id: int, kind: RoleKind, at: dt.datetime) -> None:
    """Make somebody coordinator, deputy or administrator; once more changes nothing.

    Raises `NotAllowed` unless the actor manages the organisation, `Invalid` for the requester's role (a requester
    registers), `NotFound` when the person is not known here.
    """
    authorise(session, actor)
    if kind is RoleKind.REQUESTER:
        raise Invalid("requester_registers", field="kind")
    if not belongs(session, actor.organisation_id, person_id):
        raise NotFound("person")
    _give(session, actor.organisation_id, person_id, kind, at)
    refresh(session, actor.organisation_id, person_id)


def dismiss(session: Session, actor: Actor, person_id: int, kind: RoleKind) -> None:
    """Take a coordinator's, deputy's or administrator's role away; open cases they answered for wait for another.

    Raises `NotAllowed` unless the actor manages the organisation, and when nobody would be left who does; `NotFound`
    when the person does not have the role.
    """
    authorise(session, actor)
    if kind is RoleKind.REQUESTER:
        raise Invalid("requester_registers", field="kind")
    managing = session.scalars(
        select(Role)
        .where(Role.organisation_id == actor.organisation_id, Role.kind.in_(_MANAGING))
        .order_by(Role.id)
        .with_for_update(key_share=True)
    ).all()
    role = next((each for each in managing if each.person_id == person_id and each.kind is kind), None)
    if role is None:
        raise NotFound("role")
    if len(managing) == 1:
        raise NotAllowed("last_manager")
    session.delete(role)
    session.flush()
    if not roles_of(session, actor.organisation_id, person_id) & {RoleKind.COORDINATOR, RoleKind.DEPUTY}:
        _leave_cases(session, actor.organisation_id, person_id)
    refresh(session, actor.organisation_id, person_id)


def first_admin(
    session: Session, platform: str, team: str, user: str, name: str, email: str | None, language: str, at: dt.datetime
) -> bool:
    """Make this chat user administrator when the organisation has none; whether it did.

    Raises `NotFound` when the workspace is not connected.
    """
    actor = registration.arrive(session, platform, team, user, name, email, language)
    there = select(Role.id).where(Role.organisation_id == actor.organisation_id, Role.kind == RoleKind.ADMINISTRATOR)
    session.scalars(
        select(Organisation).where(Organisation.id == actor.organisation_id).with_for_update(key_share=True)
    ).one()
    if actor.person_id is None or session.scalar(there.limit(1)) is not None:
        return False
    _give(session, actor.organisation_id, actor.person_id, RoleKind.ADMINISTRATOR, at)
    return True


def progress(session: Session, organisation_id: int) -> Progress:
    """What has been done of the first day, and what remains."""
    workspace = workspace_of(session, organisation_id)
    counted: list[int] = []
    for query in (
        select(Role.id).where(Role.organisation_id == organisation_id, Role.kind == RoleKind.COORDINATOR),
        select(Role.id).where(Role.organisation_id == organisation_id, Role.kind == RoleKind.DEPUTY),
        select(District.id).where(District.organisation_id == organisation_id, District.ended_on.is_(None)),
        select(Unit.id).where(Unit.organisation_id == organisation_id, Unit.ended_on.is_(None)),
        select(Member.id).where(Member.organisation_id == organisation_id, Member.left_at.is_(None)),
    ):
        counted.append(session.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    coordinators, deputies, districts, units, members = counted
    return Progress(
        coordinators,
        deputies,
        bool(workspace and workspace.coordinators_channel),
        bool(workspace and workspace.forum_channel),
        districts,
        units,
        members,
    )


def settings_of(session: Session, organisation_id: int) -> OrganisationSettings:
    """The settings as they are, ready to be changed."""
    organisation = session.get_one(Organisation, organisation_id)
    return OrganisationSettings.model_construct(
        **{name: getattr(organisation, name) for name in OrganisationSettings.model_fields}
    )


def change_settings(session: Session, actor: Actor, form: OrganisationSettings) -> None:
    """Change the organisation's settings; dates already set stay, new ones are counted by the new settings.

    Raises `NotAllowed` unless the actor manages the organisation, `Invalid` for quiet periods that do not fit a
    year and for a name that another organisation has.
    """
    authorise(session, actor)
    try:
        Calendar(form.zone, *(() if form.quiet_periods is None else (quiet_periods(form.quiet_periods),)))
    except (ValidationError, ValueError) as error:
        raise Invalid("quiet_periods", field="quiet_periods") from error
    namesake = select(Organisation.id).where(Organisation.name == form.name, Organisation.id != actor.organisation_id)
    if session.scalar(namesake) is not None:
        raise Invalid("organisation_named", field="name")
    organisation = session.get_one(Organisation, actor.organisation_id)
    values: dict[str, Any] = form.model_dump()
    for column, value in values.items():
        setattr(organisation, column, value)
    session.flush()
    refresh(session, actor.organisation_id)


_MANAGING = frozenset({RoleKind.COORDINATOR, RoleKind.DEPUTY, RoleKind.ADMINISTRATOR})


def manages(session: Session, organisation_id: int, person_id: int | None) -> bool:
    """Whether the person may set the organisation up: its coordinators, deputies and administrators."""
    return bool(roles_of(session, organisation_id, person_id) & _MANAGING)


def authorise(session: Session, actor: Actor) -> None:
    """Let those pass who manage the organisation. Raises `NotAllowed` for everybody else."""
    if not manages(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("manage")


def belongs(session: Session, organisation_id: int, person_id: int) -> bool:
    """Whether the person is known to the organisation: by an account in its chat, a role, or as a member."""
    account = (
        select(Identity.id)
        .join(Workspace, (Workspace.platform == Identity.platform) & (Workspace.team == Identity.team))
        .where(Workspace.organisation_id == organisation_id, Identity.person_id == person_id)
    )
    role = select(Role.id).where(Role.organisation_id == organisation_id, Role.person_id == person_id)
    member = select(Member.id).where(Member.organisation_id == organisation_id, Member.person_id == person_id)
    return any(session.scalar(query.limit(1)) is not None for query in (account, role, member))


def _give(session: Session, organisation_id: int, person_id: int, kind: RoleKind, at: dt.datetime) -> None:
    registration.hold(session, person_id)
    has = select(Role.id).where(Role.organisation_id == organisation_id, Role.person_id == person_id, Role.kind == kind)
    if session.scalar(has) is None:
        session.add(Role(organisation_id=organisation_id, person_id=person_id, kind=kind, confirmed_at=at))
        session.flush()


def _leave_cases(session: Session, organisation_id: int, person_id: int) -> None:
    """Nobody is responsible any more: everything about these cases goes to all coordinators again."""
    query = select(Case.id).where(
        Case.organisation_id == organisation_id, Case.coordinator_id == person_id, Case.status.not_in(_OVER)
    )
    held = [
        events.locked(session, organisation_id, case_id) for case_id in session.scalars(query.order_by(Case.id)).all()
    ]
    for case in held:
        case.coordinator_id = None
        session.flush()
        notices.mirror(session, case, events.offers_of(session, case))


def refresh(session: Session, organisation_id: int, *person_ids: int) -> None:
    """Bring the home views of those who manage the organisation up to date, and those of the persons named."""
    managing = select(Role.person_id).where(Role.organisation_id == organisation_id, Role.kind.in_(_MANAGING))
    notices.homes(session, organisation_id, {*person_ids, *session.scalars(managing)})
