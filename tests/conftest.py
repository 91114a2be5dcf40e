import pytest
from hypothesis import HealthCheck, settings

from pipeline.document import Corrector

settings.register_profile("pravka", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pravka")


@pytest.fixture(scope="session")
def corrector() -> Corrector:
    return Corrector.load("rus")
