"""Suggestions: who might be asked about a consultation and why, who was left out and why, and what was asked before."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot import caselists, search
from bot.academy import Academy, profiles
from bot.matching.profiles import Confidence, Reason, State, Why
from bot.refusals import Invalid, NotFound
from bot.standing import Asked, Candidate, asked_in, candidates, states
from bot.wording import Words
from models.case import Case, CaseOutcome

__all__ = ["LeftOut", "Suggested", "Suggestee", "Suggester", "profiles", "reason_line", "similar", "why_line"]

SHOWN = 3
QUOTED = 3
"""So many words of a profile are quoted in one line."""

_LOOKED_THROUGH = 10
"""Of so many consultations found, those that ended with something to read come first."""


@dataclass(frozen=True, slots=True)
class Suggestee:
    """A member who might be asked. `open_cases` is how many consultations they have, of the `capacity` they want."""

    member_id: int
    person_id: int
    name: str
    title: str
    university: str
    in_chat: bool
    open_cases: int
    capacity: int
    reasons: tuple[Reason, ...]


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
    """Who might be asked, the best first. Why somebody was left out is for coordinators' eyes only."""

    confidence: Confidence
    members: tuple[Suggestee, ...]
    left_out: tuple[LeftOut, ...]


class Suggester:
    """Suggests members from what is true at the moment, in a constant number of statements."""

    def __init__(self) -> None:
        self._academy = Academy()

    def for_case(self, session: Session, case_id: int, today: dt.date, top: int = SHOWN) -> Suggested:
        """Whom to ask about a case; `today` is a day in the organisation's zone. Raises `NotFound`."""
        case = _case(session, case_id)
        return self._suggest(session, asked_in(session, case), f"{case.title}\n{case.question}", today, top)

    def for_text(
        self,
        session: Session,
        organisation_id: int,
        text: str,
        today: dt.date,
        top: int = SHOWN,
        requester_id: int | None = None,
        unit_ids: Sequence[int] = (),
    ) -> Suggested:
        """Who might fit a request that is being written; `today` is a day in the organisation's zone.

        This is what requesters are shown, so nobody is listed as left out, and no earlier consultation is quoted: a
        member is named with a lesson only if they agree.
        """
        asked = Asked(organisation_id, None, requester_id, tuple(unit_ids), None)
        found = self._suggest(session, asked, text, today, top)
        return Suggested(found.confidence, tuple(_without_evidence(each) for each in found.members), ())

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

    def _suggest(self, session: Session, asked: Asked, text: str, today: dt.date, top: int) -> Suggested:
        matcher = self._academy.matcher(session, asked.organisation_id)
        members = {str(each.member_id): each for each in candidates(session, asked.organisation_id).values()}
        standing = states(session, asked, members.values(), today)
        ranking = matcher.rank(text, standing, top)
        return Suggested(
            ranking.confidence,
            tuple(
                _suggestee(members[each.member], standing[each.member], each.reasons)
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


def reason_line(words: Words, suggestee: Suggestee) -> str:
    """Why a member is suggested and how much they have on their hands, in one line of the reader's language."""
    written = [reason for reason in suggestee.reasons if reason.field != "evidence"]
    advised = [reason for reason in suggestee.reasons if reason.field == "evidence"]
    parts = []
    if written:
        parts.append(words("suggestion.writes", about=_quoted(words, [reason.profile for reason in written])))
    if advised:
        parts.append(words("suggestion.advised", about=_quoted(words, [reason.profile for reason in advised])))
    if other := [reason.asked for reason in suggestee.reasons if _key(reason.asked) != _key(reason.profile)]:
        parts.append(words("suggestion.asked", about=_quoted(words, other)))
    if not parts:
        parts.append(words("suggestion.experience"))
    load = words.n("suggestion.load", suggestee.open_cases) if suggestee.open_cases else words("suggestion.no_load")
    return f"{'; '.join(parts)} · {load}"


def why_line(words: Words, left_out: LeftOut) -> str:
    """Why a member was left out, in a few words for coordinators."""
    if left_out.why == "away" and left_out.until is not None:
        return words("suggestion.away_until", day=words.day(left_out.until))
    return words(f"suggestion.why_{left_out.why}")


def _case(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound("case")
    return case


def _suggestee(candidate: Candidate, state: State, reasons: tuple[Reason, ...]) -> Suggestee:
    return Suggestee(
        member_id=candidate.member_id,
        person_id=candidate.person_id,
        name=candidate.name,
        title=candidate.title,
        university=candidate.university,
        in_chat=candidate.in_chat,
        open_cases=state.open_cases,
        capacity=candidate.capacity,
        reasons=reasons,
    )


def _without_evidence(suggestee: Suggestee) -> Suggestee:
    kept = tuple(reason for reason in suggestee.reasons if reason.field != "evidence")
    return replace(suggestee, reasons=kept)


def _until(why: Why, state: State) -> dt.date | None:
    return state.away_until if why == "away" else None


def _quoted(words: Words, quotes: list[str]) -> str:
    """The first few of the quotes as one list, each once and on one line."""
    once = {_key(quote): _inside(" ".join(quote.split())) for quote in reversed(quotes)}
    return words.names([once[key] for key in dict.fromkeys(map(_key, quotes))][:QUOTED])


def _inside(quote: str) -> str:
    """As it stands inside a sentence: a single word loses the capital that it had at the beginning of one."""
    return quote if " " in quote or not quote[1:].islower() else quote.lower()


def _key(quote: str) -> str:
    return " ".join(quote.split()).casefold()
