"""Suggestions: who might be asked about a consultation and why, who was left out and why, and what was asked before."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot import caselists, search
from bot.academy import Academy, profiles
from bot.matching import profiles as matching
from bot.matching.choices import Choice
from bot.matching.profiles import Confidence, Reason, State, Suggestion, Why
from bot.refusals import Invalid, NotFound
from bot.standing import Asked, Candidate, asked_in, candidates, states
from models.case import Case, CaseOutcome

__all__ = ["Explained", "LeftOut", "Suggested", "Suggestee", "Suggester", "profiles", "similar"]

SHOWN = 3

_LOOKED_THROUGH = 10
"""Of so many consultations found, those that ended with something to read come first."""


@dataclass(frozen=True, slots=True)
class Suggestee:
    """A member who might be asked. `open_cases` is how many consultations they have, of the `capacity` they want.

    `doubts` are words of the profile that led to a question before which the member declined as outside their field;
    `advised_before` says that they have advised the same requester, set only where a review is wanted.
    """

    member_id: int
    person_id: int
    name: str
    title: str
    university: str
    in_chat: bool
    open_cases: int
    capacity: int
    reasons: tuple[Reason, ...]
    doubts: tuple[str, ...] = ()
    advised_before: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member who would have been suggested, and why not; `until` is the last day of it, when there is one."""

    member_id: int
    name: str
    why: Why
    until: dt.date | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """Who might be asked, the best first. Why somebody was left out is for coordinators' eyes only.

    `choices` are what the question may be about, to choose from, when the answer is not clear.
    """

    confidence: Confidence
    members: tuple[Suggestee, ...]
    left_out: tuple[LeftOut, ...]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a member is suggested for a case or not: at which place of how many they stand (None: nothing in their
    profile answers it), the reasons, and what speaks against asking them (`left_out`, None when nothing does)."""

    member_id: int
    name: str
    place: int | None
    among: int
    reasons: tuple[Reason, ...]
    doubts: tuple[str, ...]
    advised_before: bool
    left_out: LeftOut | None


class Suggester:
    """Suggests members from what is true at the moment, in a constant number of statements."""

    def __init__(self) -> None:
        self._academy = Academy()

    def get_ready(self, session: Session, organisation_id: int) -> None:
        """Load what the organisation's suggestions need: its members, the field's terms, the words of the language."""
        self._academy.matcher(session, organisation_id).rank("Ett ord som inget lexikon har: osynkbart")

    def for_case(self, session: Session, case_id: int, today: dt.date, top: int = SHOWN) -> Suggested:
        """Whom to ask about a case; `today` is a day in the organisation's zone. Raises `NotFound`."""
        case = _case(session, case_id)
        return self._suggest(session, asked_in(session, case), _text(case), today, top, case.topics)

    def for_text(
        self,
        session: Session,
        organisation_id: int,
        text: str,
        today: dt.date,
        top: int = SHOWN,
        requester_id: int | None = None,
        unit_ids: Sequence[int] = (),
        topics: Sequence[str] = (),
    ) -> Suggested:
        """Who might fit a request that is being written; `today` is a day in the organisation's zone. `topics` are
        choices that the requester has made.

        This is what requesters are shown, so nobody is listed as left out, what was declined is not told, and no
        earlier consultation is quoted: a member is named with a lesson only if they agree.
        """
        asked = Asked(organisation_id, None, requester_id, tuple(unit_ids), None)
        found = self._suggest(session, asked, text, today, top, topics)
        return replace(found, members=tuple(_as_requesters_read(each) for each in found.members), left_out=())

    def why_not(self, session: Session, case_id: int, member_id: int, today: dt.date) -> LeftOut | None:
        """Why this member had better not be asked about the case; None when nothing speaks against it.

        Raises `NotFound` for an unknown case and `Invalid` for somebody who is no member of the organisation.
        """
        case = _case(session, case_id)
        candidate = candidates(session, case.organisation_id).get(member_id)
        if candidate is None:
            raise Invalid("member_unknown", field="member_ids")
        state = states(session, asked_in(session, case), [candidate], today)[str(member_id)]
        why = state.why_not()
        return None if why is None else LeftOut(member_id, candidate.name, why, _until(why, state), ())

    def explain(
        self, session: Session, case_id: int, member_ids: Sequence[int], today: dt.date
    ) -> tuple[Explained, ...]:
        """Where each of some members stands for a case and why, whoever they are, in their order. Raises as
        `why_not`."""
        case = _case(session, case_id)
        known = candidates(session, case.organisation_id)
        if not known.keys() >= set(member_ids):
            raise Invalid("member_unknown", field="member_ids")
        members = [known[member_id] for member_id in member_ids]
        matcher = self._academy.matcher(session, case.organisation_id)
        standing = states(session, asked_in(session, case), members, today)
        return tuple(
            _explained(
                each,
                standing[str(each.member_id)],
                matcher.explain(_text(case), str(each.member_id), standing, topics=case.topics),
            )
            for each in members
        )

    def concepts(self, session: Session, organisation_id: int, *texts: str) -> tuple[str, ...]:
        """The concepts of the field that some texts mention, in the order they are first written."""
        matcher = self._academy.matcher(session, organisation_id)
        return tuple(dict.fromkeys(concept for text in texts for concept in matcher.concepts(text)))

    def keywords(
        self, session: Session, organisation_id: int, keywords: Sequence[str], texts: Sequence[str]
    ) -> tuple[str, ...]:
        """The concepts that some texts mention and these keywords do not."""
        there = {*(word.casefold() for word in keywords), *self.concepts(session, organisation_id, *keywords)}
        found = self.concepts(session, organisation_id, *texts)
        return tuple(concept for concept in found if there.isdisjoint({concept, concept.casefold()}))

    def _suggest(
        self, session: Session, asked: Asked, text: str, today: dt.date, top: int, topics: Sequence[str]
    ) -> Suggested:
        matcher = self._academy.matcher(session, asked.organisation_id)
        members = {str(each.member_id): each for each in candidates(session, asked.organisation_id).values()}
        standing = states(session, asked, members.values(), today)
        ranking = matcher.rank(text, standing, top, topics=topics)
        return Suggested(
            ranking.confidence,
            tuple(
                _suggestee(members[each.member], standing[each.member], each)
                for each in ranking.ranking
                if each.member in members
            ),
            tuple(
                LeftOut(
                    int(each.member),
                    members[each.member].name,
                    each.why,
                    _until(each.why, standing[each.member]),
                    each.reasons,
                )
                for each in ranking.left_out
                if each.member in members
            ),
            () if ranking.confidence == "clear" else matcher.choices(text),
        )


def similar(
    session: Session, organisation_id: int, text: str, top: int = SHOWN, but: int | None = None
) -> tuple[caselists.Line, ...]:
    """Earlier consultations about the same that the forum may see, those with an answer or a lesson to read first.

    `but` is the case that is not to be found itself.
    """
    ids, _ = search.find(session, organisation_id, text, size=_LOOKED_THROUGH)
    lines = caselists.lines_of(session, [case_id for case_id in ids if case_id != but])
    return tuple(sorted(lines, key=lambda line: not (line.has_lesson or line.outcome is CaseOutcome.ANSWERED))[:top])


def _case(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound("case")
    return case


def _text(case: Case) -> str:
    return f"{case.title}\n{case.question}"


def _suggestee(candidate: Candidate, state: State, suggestion: Suggestion) -> Suggestee:
    return Suggestee(
        member_id=candidate.member_id,
        person_id=candidate.person_id,
        name=candidate.name,
        title=candidate.title,
        university=candidate.university,
        in_chat=candidate.in_chat,
        open_cases=state.open_cases,
        capacity=candidate.capacity,
        reasons=suggestion.reasons,
        doubts=suggestion.doubts,
        advised_before=state.advised_before,
    )


def _explained(candidate: Candidate, state: State, found: matching.Explained) -> Explained:
    reasons = found.suggestion.reasons
    left_out = None
    if found.why is not None:
        left_out = LeftOut(candidate.member_id, candidate.name, found.why, _until(found.why, state), reasons)
    return Explained(
        member_id=candidate.member_id,
        name=candidate.name,
        place=found.place,
        among=found.among,
        reasons=reasons,
        doubts=found.suggestion.doubts,
        advised_before=state.advised_before,
        left_out=left_out,
    )


def _as_requesters_read(suggestee: Suggestee) -> Suggestee:
    kept = tuple(reason for reason in suggestee.reasons if reason.field != "evidence")
    return replace(suggestee, reasons=kept, doubts=(), advised_before=False)


def _until(why: Why, state: State) -> dt.date | None:
    return state.away_until if why == "away" else None
