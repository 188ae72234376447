"""Being told to stop."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

TOLD = (signal.SIGTERM, signal.SIGINT)
"""The signals that tell a process to end."""


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; a second signal ends the process at once, whatever is under way.

    Nothing is lost then: leases run out, and the next worker looks before it posts again.
    A signal may reach any thread, and while this one waits or holds the event's lock it runs no handler of its own: so
    the interpreter writes the signal's number into a pipe, and a thread that does nothing else reads it there.
    """
    stop = threading.Event()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def listen() -> None:
        heard = False
        while number := os.read(reading, 1):
            if number[0] not in TOLD:
                continue
            if heard:
                os._exit(128 + number[0])
            heard = True
            stop.set()

    thread = threading.Thread(target=listen, name="signals")
    thread.start()
    before = {number: signal.signal(number, lambda *_: None) for number in TOLD}
    written_before = signal.set_wakeup_fd(writing)
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(written_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(writing)
        thread.join()
        os.close(reading)
