"""What many tests of the phone's verbs begin with."""

import pytest

from tests.paper_centre import PaperCentre
from tests.phones import site_centre


@pytest.fixture
def centre() -> PaperCentre:
    """Give a centre of paper with the small site book."""
    return site_centre()
