"""What takes long to make and comes out the same every time: it is kept beside Python's own bytecode, and made anew
when what it is made from has changed."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "__pycache__"
READABLE = 0o644


def kept(name: str, made_from: Iterable[bytes], make: Callable[[], Any]) -> Any:
    """A value that JSON can hold: from the file that keeps it, or else made, and kept where files may be written.

    `made_from` is everything that the value depends on. Any number of processes may ask for it at once.
    """
    mark = hashlib.sha256()
    for source in made_from:
        mark.update(source)
    place = FOLDER / f"{name}.{mark.hexdigest()[:20]}.json"
    try:
        return json.loads(place.read_text("utf-8"))
    except (OSError, ValueError):
        found = make()
        with suppress(OSError):
            _keep(found, place)
        return found


def _keep(value: Any, place: Path) -> None:
    """Write a file in one step, so that nobody reads half of it; what was kept under the name before goes."""
    place.parent.mkdir(exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=place.parent, suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
    Path(draft).chmod(READABLE)
    Path(draft).replace(place)
    for older in place.parent.glob(f"{place.name.partition('.')[0]}.*.json"):
        if older != place:
            older.unlink(missing_ok=True)
