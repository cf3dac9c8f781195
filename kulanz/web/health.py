"""For whoever watches the installation."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

WORKERS = "select count(*) from procrastinate_workers where last_heartbeat > now() - interval '1 minute'"
JOBS = "select count(*) from procrastinate_jobs where status in ('todo', 'doing') and scheduled_at is null"
WAITING = (
    "select coalesce(extract(epoch from now() - min(e.at)), 0) from procrastinate_jobs j "
    "join procrastinate_events e on e.job_id = j.id and e.type = 'deferred' "
    "where j.status = 'todo' and j.scheduled_at is null"
)


def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Customers can be served: the database answers and a worker lives. 503 with what is missing otherwise."""
    try:
        with connection.cursor() as cursor:
            workers = _number(cursor, WORKERS)
            jobs = _number(cursor, JOBS)
            waiting = _number(cursor, WAITING)
    except DatabaseError:
        return JsonResponse({"status": "not ready", "missing": "database"}, status=503)
    facts = {"workers": int(workers), "jobs": int(jobs), "oldest_waiting_job_seconds": round(waiting, 1)}
    if not workers:
        return JsonResponse({"status": "not ready", "missing": "worker", **facts}, status=503)
    return JsonResponse({"status": "ok", **facts})


def _number(cursor: object, statement: str) -> float:
    cursor.execute(statement)  # type: ignore[attr-defined]
    return float(cursor.fetchone()[0])  # type: ignore[attr-defined]
