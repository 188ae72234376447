"""What coordinators are told when something could not be delivered."""

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.markup import speak
from handlers.slack.rendering import Scene
from handlers.slack.told.notice import opening
from models.job import Job


def parked(scene: Scene) -> Message | None:
    """Something that could not be delivered: whom it was for, and what it was about."""
    words = scene.words
    job = scene.session.get(Job, scene.delivery.subject_id)
    if job is None:
        return None
    text = words("told.parked", job=job.id, why=job.why or "–")
    shown = [blocks.section(speak(words, "told.parked", job=job.id, why=job.why or "–"))]
    if scene.delivery.case_id is not None:
        shown.append(blocks.actions(opening(scene, scene.case())))
    return blocks.message(text, shown)
