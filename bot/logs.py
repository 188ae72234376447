"""Logs: one line an event, with ids and never a text that somebody wrote."""

import logging
import sys
from collections.abc import Iterator
from traceback import walk_tb
from typing import Literal

import structlog


def configure(form: Literal["text", "json"], level: str) -> None:
    """Write logs to standard error from `level` on, for people or for machines; libraries' warnings come along."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _where_alone,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("bot", "handlers", "models"):
        logging.getLogger(name).setLevel(level.upper())


def frames(error: BaseException) -> list[str]:
    """Where the error happened, the innermost last. Its own text is left out: it may hold what somebody wrote."""
    return [f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(error.__traceback__)]


def _where_alone(
    _logger: structlog.typing.WrappedLogger, _name: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What a library says of an exception, without the texts of that one and of those that led to it."""
    said = line.pop("exc_info", None)
    error = said[1] if isinstance(said, tuple) else said if isinstance(said, BaseException) else sys.exc_info()[1]
    if said and error is not None:
        line["errors"] = [type(each).__name__ for each in _led_to(error)]
        line["frames"] = frames(error)
    return line


def _led_to(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
