from datetime import UTC, datetime, timedelta

import time_machine

from bot.clock import Clock, zero

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


def test_without_an_offset_business_time_is_real_time() -> None:
    with time_machine.travel(NOON, tick=False):
        assert Clock().real() == Clock().now() == NOON
        assert Clock().real().tzinfo is UTC
    assert zero() == timedelta()


def test_a_stored_offset_holds_at_once_and_leaves_real_time_alone() -> None:
    stored = {"offset": timedelta()}
    clock = Clock(lambda: stored["offset"])
    with time_machine.travel(NOON, tick=False):
        stored["offset"] = timedelta(days=14)
        assert clock.now() == NOON + timedelta(days=14)
        stored["offset"] = timedelta(days=15)
        assert clock.now() == NOON + timedelta(days=15)
        assert clock.real() == NOON
