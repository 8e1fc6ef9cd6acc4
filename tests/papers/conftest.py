"""The fonts of this machine, looked for once."""

import pytest

from huiyin.papers.fonts import Fonts


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """Whatever Chinese font the machine has: the tests of this folder hold with any."""
    return Fonts()
