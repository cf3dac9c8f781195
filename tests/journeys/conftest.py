"""What the journeys share: a running product."""

from tests.journeys.product import running, running_for_session

__all__ = ["running", "running_for_session"]
