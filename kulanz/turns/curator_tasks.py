"""The jobs of teaching: train a candidate, look through conversations, watch for drift."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.utils import timezone
from procrastinate.contrib.django import app

from kulanz.core.errors import KulanzError
from kulanz.inbox.models import Conversation
from kulanz.turns.curator_turn import LOOK_THROUGH, TRAIN, do_learn_from
from kulanz.understanding.candidates import do_compare
from kulanz.understanding.models import IntentModel, TrainingRun
from kulanz.understanding.notices import do_watch_drift
from kulanz.understanding.proposals import do_embed_waiting
from kulanz.understanding.training import do_keep, train

NAMES = (TRAIN, LOOK_THROUGH)
LOOK_BACK = timedelta(days=2)  # a look that was missed is made up for; what was proposed is not proposed again
MOST_CONVERSATIONS = 2_000
State = TrainingRun.State


@app.task(name=TRAIN, queue="training")
def train_candidate_job(run_id: int) -> None:
    do_train_candidate(run_id)


def do_train_candidate(run_id: int) -> IntentModel | None:
    """Trains a candidate and compares it with the active model; the run tells how far it is, and how it ended."""
    run = TrainingRun.objects.filter(pk=run_id).exclude(state=State.DONE).first()
    if run is None:
        return None
    mine = TrainingRun.objects.filter(pk=run_id)
    mine.update(state=State.RUNNING)
    problem, model = "The training was interrupted. Please start it again.", None
    try:
        trained = train(partial(_tell, run_id))
        model = do_keep(trained, run.requested_by)
        do_compare(model, run.requested_by)
        problem = ""
    except KulanzError as error:
        problem = str(error)
    finally:
        state = State.FAILED if problem else State.DONE
        mine.update(state=state, error=problem[:300], model=model, finished_at=timezone.now())
    return model


def _tell(run_id: int, done: int, total: int) -> None:
    TrainingRun.objects.filter(pk=run_id).update(done=done, total=total)


@app.periodic(cron="41 * * * *")
@app.task(name=LOOK_THROUGH, queue="training")
def look_through_conversations(timestamp: int) -> None:  # noqa: ARG001
    """Proposes what the newest conversations teach, and embeds what the curator's page shows in groups."""
    since = timezone.now() - LOOK_BACK
    newest = Conversation.objects.filter(updated_at__gte=since).order_by("-updated_at")
    for key in newest.values_list("pk", flat=True)[:MOST_CONVERSATIONS]:
        do_learn_from(key)
    do_embed_waiting()


@app.periodic(cron="23 4 * * *")
@app.task(name="watch_drift", queue="training")
def watch_drift(timestamp: int) -> None:  # noqa: ARG001
    do_watch_drift()
