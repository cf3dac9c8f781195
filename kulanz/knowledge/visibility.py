"""Who may read what: the one place that decides it, in SQL for the search and as a filter for everything else."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils import timezone

from kulanz.core.knowledge import Audience

SHOWN = """
{article}.published_at is not null
    and ({article}.audience = 'customers' or %(audience)s = 'agents')
    and coalesce({article}.valid_from <= %(today)s, true) and coalesce({article}.valid_until >= %(today)s, true)
"""
"""SQL that holds for the articles that a reader may see; `article` is the table's alias there, %(audience)s and
%(today)s are parameters. Agents read what customers read, too."""


def today() -> date:
    """The day that validity is judged by, in the company's time zone."""
    return timezone.localdate()


def shown(audience: Audience, prefix: str = "") -> Q:
    """The same as a filter on articles; `prefix` leads to the article from elsewhere, such as "article__"."""
    now = today()

    def condition(**fields: object) -> Q:
        return Q(**{prefix + name: value for name, value in fields.items()})

    allowed = condition(published_at__isnull=False)
    allowed &= condition(valid_from__isnull=True) | condition(valid_from__lte=now)
    allowed &= condition(valid_until__isnull=True) | condition(valid_until__gte=now)
    return allowed if audience is Audience.AGENTS else allowed & condition(audience=Audience.CUSTOMERS.value)
