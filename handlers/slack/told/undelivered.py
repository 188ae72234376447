"""What coordinators are told when something could not be delivered."""

from bot.surfaces import UNSEEN
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.markup import speak
from handlers.slack.rendering import Scene
from handlers.slack.told.notice import opening
from models.job import Job


def parked(scene: Scene) -> Message | None:
    """Something that could not be delivered, or of which nobody can tell: whom it was for, and what it was about."""
    words = scene.words
    job = scene.session.get(Job, scene.delivery.subject_id)
    if job is None:
        return None
    if job.why == UNSEEN:
        text, said = words("told.parked_unseen", job=job.id), speak(words, "told.parked_unseen", job=job.id)
    else:
        why = job.why or "–"
        text, said = words("told.parked", job=job.id, why=why), speak(words, "told.parked", job=job.id, why=why)
    shown = [blocks.section(said)]
    if scene.delivery.case_id is not None:
        shown.append(blocks.actions(opening(scene, scene.case())))
    return blocks.message(text, shown)
