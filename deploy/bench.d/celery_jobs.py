"""Celery's side of the benchmark: the app and its tasks; as a program, `load N` and `slow N` queue them.

Environment: BENCH_CELERY_BROKER; BENCH_CELERY_RESULTS, a result backend (none: results are ignored);
BENCH_CELERY_TUNED, what the documentation advises for many short tasks (else everything stays as it comes).
"""

import os
import sys
import time

import redis
from celery import Celery
from celery.signals import worker_shutdown
from celery.worker import state

BROKER = os.environ["BENCH_CELERY_BROKER"]
RESULTS = os.environ.get("BENCH_CELERY_RESULTS")

app = Celery("celery_jobs", broker=BROKER, backend=RESULTS)
app.conf.broker_connection_retry_on_startup = True
if os.environ.get("BENCH_CELERY_TUNED"):
    app.conf.task_ignore_result = RESULTS is None
    app.conf.worker_prefetch_multiplier = 64
    app.conf.worker_disable_rate_limits = True


@app.task
def nothing():
    pass


@app.task(bind=True)
def slow(task):
    notes = redis.Redis.from_url(BROKER)
    notes.rpush("starts", f"{task.request.id} {os.getpid()} {time.time()}")
    time.sleep(5)
    notes.rpush("ends", f"{task.request.id} {os.getpid()} {time.time()}")


@worker_shutdown.connect
def count(**_):
    """Every task this worker ran, added to those of earlier ones."""
    redis.Redis.from_url(BROKER).incrby("ran", state.all_total_count[0])


if __name__ == "__main__":
    task = {"load": nothing, "slow": slow}[sys.argv[1]]
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(int(sys.argv[2])):
            task.apply_async(producer=producer)
