"""A database host that is gone without a word: whoever waits for it is told before they are given up on."""

import socket

import pytest
from sqlalchemy import select

from models.database import Database, Unavailable


def test_a_host_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql://konsult@127.0.0.1:{silent.getsockname()[1]}/konsult")
        with pytest.raises(Unavailable), database.reading() as session:
            session.scalar(select(1))
        database.close()
