"""The peer of the accept axis: FastAPI, uvicorn and asyncpg accept the same request with one single-row INSERT.

Environment: BENCH_DATABASE_URL (holds the table peer_jobs, made like jobs), BENCH_KEY.
"""

import contextlib
import json
import os
import time
import uuid

import asyncpg
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

TENANT = uuid.UUID("00000000-0000-7000-8000-000000000001")
AUTHORIZATION = "Bearer " + os.environ["BENCH_KEY"]
INSERT = """
INSERT INTO peer_jobs (id, tenant_id, queue, kind, payload, state, max_attempts, attempt_timeout_seconds, run_at, created_at)
VALUES ($1, $2, $3, $4, $5, 'queued', 5, 60, now(), now()) RETURNING created_at
"""


class NewJob(BaseModel):
    kind: str
    payload: dict
    queue: str = "default"


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI):
    async with asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=4, max_size=32) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


def time_ordered_id() -> uuid.UUID:
    """UUIDv7, as the gateway makes them: the index grows at one end."""
    random = int.from_bytes(os.urandom(10), "big")
    number = (time.time_ns() // 1_000_000) << 80 | random
    return uuid.UUID(int=(number & ~(0xF << 76) & ~(0x3 << 62)) | 0x7 << 76 | 0x2 << 62)


@app.post("/api/v1/jobs", status_code=202)
async def accept(job: NewJob, authorization: str = Header()):
    if authorization != AUTHORIZATION:
        raise HTTPException(401)
    identifier = time_ordered_id()
    created = await app.state.pool.fetchval(
        INSERT, identifier, TENANT, job.queue, job.kind, json.dumps(job.payload)
    )
    return {"id": str(identifier), "kind": job.kind, "queue": job.queue, "state": "queued", "created_at": created}
