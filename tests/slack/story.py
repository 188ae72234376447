"""A requester, a coordinator and members who know about homelessness, with a case in any state."""

from bot import answers, cases, notes, offers
from models.case import DeclineReason
from models.forms import Answering, Clarification, Closing, Declining, Writing
from models.life import Status
from tests.factories import Town

QUESTION = "Hur utvärderar vi boendestöd för personer i hemlöshet? <!channel> & *fet*"


class Story:
    """A town with a requester, a coordinator and members who know about homelessness."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.anna = town.requester("Anna Ask")
        self.maj = town.coordinator("Maj Moberg")
        self.lena = town.member("Lena Lind", keywords=["hemlöshet", "boendestöd"], title="professor")
        self.per = town.member("Per Palm", keywords=["hemlöshet"], chat=False)
        self.siv = town.member("Siv Strand", keywords=["hemlöshet"])
        self.away = town.member("Bo Borta", keywords=["hemlöshet", "boendestöd", "utvärdering"], capacity=0)

    def filed(self, **fields: object) -> int:
        return self.town.file(self.anna, "Boendestöd och hemlöshet", QUESTION, **fields).case_id

    def in_state(self, status: Status) -> int:
        """A case in the status, with all that its way there leaves behind."""
        town, case_id = self.town, self.filed(members_wanted=2, wished_member_ids=[self.siv.member])
        if status is Status.SUBMITTED:
            return case_id
        if status is Status.CLARIFYING:
            town.do(cases.clarify, self.maj, case_id, Clarification(text="Vilka gäller det?"), town.now)
            return case_id
        refused = town.ask(self.maj, case_id, self.siv)
        town.do(offers.decline, self.siv, refused, Declining(reason=DeclineReason.NO_TIME), town.now)
        asked = town.ask(self.maj, case_id, self.lena)
        town.do(notes.query, self.lena, asked, Writing(text="Hur många gäller det?"), town.now)
        town.ask(self.maj, case_id, self.per)
        if status is Status.OFFERED:
            return case_id
        town.do(offers.accept, self.lena, asked, town.now)
        town.do(answers.answer, self.lena, case_id, Answering(text="Börja med att mäta."), town.now)
        if status is Status.PAUSED:
            town.do(cases.pause, self.maj, case_id, None, town.now)
        if status is Status.CLOSED:
            closing = Closing(outcome="answered", hours=3.5, lesson="Mät före.")
            town.do(answers.close, self.maj, case_id, closing, town.now)
        if status is Status.WITHDRAWN:
            town.do(cases.withdraw, self.anna, case_id, town.now)
        return case_id
