"""What every test shares: how many examples Hypothesis draws, and a PostgreSQL server for those who ask for one."""

from collections.abc import Iterator

import postgres as server
import pytest
from hypothesis import settings

# No deadline: on a busy machine it measures the neighbours. No shrinking database: a run depends on the commit alone.
settings.register_profile("quick", deadline=None, database=None, max_examples=50, derandomize=True)
settings.register_profile("full", deadline=None, database=None, max_examples=1000, print_blob=True)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def postgres() -> Iterator[server.Server]:
    """Keep a PostgreSQL server."""
    with server.running() as found:
        yield found
