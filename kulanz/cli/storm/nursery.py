"""Workers by the dozen: loads the product once and forks a real `kulanz worker` for each line on standard input.

A worker needs two and a half seconds of computing to start, nearly all of it for imports and models. A test that kills
fifty of them would only measure that; what they do with the queue is the same.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from kulanz.cli import worker
from kulanz.cli.database import wait_until_migrated
from kulanz.cli.parent import PARENT_PIPE
from kulanz.settings.loading import begin_loading, loaded


def load() -> None:
    import django

    django.setup()
    from django.db import connections

    from kulanz.settings.parts import WORKER, part
    from kulanz.turns.tasks import warm_up

    part(WORKER)
    wait_until_migrated()
    warm_up()
    connections.close_all()


def main() -> None:
    begin_loading()
    load()
    loaded()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    read_end, write_end = os.pipe()
    print("ready", flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(write_end)
            os.environ[PARENT_PIPE] = str(read_end)
            os._exit(worker.run(argparse.Namespace(data_dir=None)))
        print(pid, flush=True)


if __name__ == "__main__":
    main()
