"""One worker process.

procrastinate finds the jobs of a dead worker by its missing heartbeats, half a minute later. A customer should not
wait so long, so each worker also holds an advisory lock under its number: PostgreSQL drops it in the moment the
process is gone, and the next worker that looks takes the jobs over. The lock is held by a connection of its own,
and a job that is run twice by mistake does nothing twice (the turn sees that it was answered).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from procrastinate import App, JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.db_cleanup import close_db_connections
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from kulanz.settings.loading import loaded
from kulanz.settings.logging import logger
from kulanz.turns import tasks

log = logger(__name__)
LOCK_CLASS = 0x4B5A  # "KZ": the class of our advisory locks
LOOK_EVERY = 2.0  # seconds
ORPHANS = """
    select j.id from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id and e.type = 'started'
    where j.status = 'doing' and not exists (
        select 1 from pg_locks l
        where l.locktype = 'advisory' and l.classid = %s and l.objid = j.worker_id and l.granted)
    group by j.id having max(e.at) < now() - interval '1 second'
"""


FORGOTTEN = """
    select j.id from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id and e.type = 'started'
    where j.status = 'doing' and j.worker_id = %s
    group by j.id having max(e.at) < now() - interval '5 seconds'
"""


async def work(database: str, *, concurrency: int, stop: asyncio.Event) -> None:
    """Runs jobs until `stop` is set; jobs that have begun are finished first."""
    await asyncio.to_thread(tasks.warm_up)
    loaded()
    async with _worker_app().open_async() as running:
        worker: Any = Worker(
            running,
            concurrency=concurrency,
            delete_jobs="successful",
            install_signal_handlers=False,
            fetch_job_polling_interval=0.2,  # a job freed by the end of another in its conversation is not announced
            shutdown_graceful_timeout=20.0,
            task_middleware=[close_db_connections, _report],
        )
        guard = asyncio.create_task(_guard(database, worker, running))
        stopper = asyncio.create_task(_stop_on(stop, worker))
        try:
            await worker.run()
        finally:
            for task in (guard, stopper):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _worker_app() -> Any:
    """An app with the same tasks on the worker's own connections. The global one keeps Django's connection, so that
    what a task puts in the queue belongs to the task's transaction."""
    shared: Any = app
    missing = [name for name in tasks.NAMES if name not in shared.tasks]
    if missing:
        raise LookupError(f"tasks {missing} are not registered")
    running: Any = App(connector=shared.connector.get_worker_connector())
    running.tasks, running.periodic_registry = shared.tasks, shared.periodic_registry
    return running


def _report(call_next: Callable[[], Any], context: JobContext, worker: object) -> Any:  # noqa: ARG001
    """Logs a failing job with its ids; procrastinate would log its arguments."""
    try:
        return call_next()
    except Exception:
        job = context.job
        log.exception("job failed", task=job.task_name, job=job.id, attempt=job.attempts, lock=job.lock)
        raise


async def _stop_on(stop: asyncio.Event, worker: Any) -> None:
    await stop.wait()
    worker.stop()


async def _guard(database: str, worker: Any, running: Any) -> None:
    """Holds this worker's lock and looks after the jobs of the dead."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
                while worker.worker_id is None:
                    await asyncio.sleep(0.01)
                await connection.execute("select pg_advisory_lock(%s, %s)", [LOCK_CLASS, worker.worker_id])
                while True:
                    await _take_over(connection, running)
                    await _free_forgotten(connection, worker, running)
                    await asyncio.sleep(LOOK_EVERY)
        except (psycopg.OperationalError, ConnectorException):
            log.warning("worker lost the database, connecting again")
            await asyncio.sleep(0.5)


async def _take_over(connection: psycopg.AsyncConnection[Any], running: Any) -> None:
    """One worker looks at a time: another might free a job that has been taken up again just now."""
    looking = await (await connection.execute("select pg_try_advisory_lock(%s, 0)", [LOCK_CLASS])).fetchone()
    if not (looking and looking[0]):
        return
    try:
        rows = await (await connection.execute(ORPHANS, [LOCK_CLASS])).fetchall()
        for (job_id,) in rows:
            log.warning("taking over the job of a dead worker", job=job_id)
            await _free(job_id, running)
    finally:
        await connection.execute("select pg_advisory_unlock(%s, 0)", [LOCK_CLASS])


async def _free_forgotten(connection: psycopg.AsyncConnection[Any], worker: Any, running: Any) -> None:
    """Jobs of this worker that it does not work at any more: their connection was cut while their end was stored. Each
    would hold up its conversation for good."""
    rows = await (await connection.execute(FORGOTTEN, [worker.worker_id])).fetchall()
    at_work = {context.job.id for context in worker._running_jobs.values()}  # procrastinate offers no other way
    for (job_id,) in rows:
        if job_id not in at_work:
            log.warning("taking up a job whose end was not stored", job=job_id)
            await _free(job_id, running)


async def _free(job_id: int, running: Any) -> None:
    job = next(iter(await running.job_manager.list_jobs_async(id=job_id)), None)
    if job is None:
        return
    try:
        await running.job_manager.retry_job(job)
    except ConnectorException:  # its worker was slow, not dead, and has finished the job meanwhile
        log.info("the job was finished meanwhile", job=job_id)
