"""What it costs to serve tenants fairly, and how fair it is: eight tenants fill the queue one after the other, which a
plain queue would serve in that order."""

from accepts import wrk
from drain import check_once, fill
from machine import GATEWAY, QUICK, TENANTS, axis, clear, sql, wait_for, worker

JOBS_OF_EACH = 2_500 if QUICK else 12_500
GOAL_JAIN = 0.99
GOAL_SHARE = 0.9


def fill_in_turn() -> int:
    """At least so many jobs of each tenant, one tenant's after the other's; how many there are."""
    clear()
    for tenant, key in TENANTS:
        while int(sql(f"SELECT count(*) FROM jobs WHERE tenant_id = '{tenant}'")) < JOBS_OF_EACH:
            wrk(GATEWAY, 1, key=key)
    return fill(0)


def fill_by_one() -> int:
    clear()
    return fill(len(TENANTS) * JOBS_OF_EACH)


def drain_all(jobs: int) -> float:
    """Jobs a second."""
    with worker():
        unfinished = "SELECT EXISTS (SELECT FROM jobs WHERE finished_at IS NULL)"
        wait_for(f"{jobs} jobs done", 300, lambda: sql(unfinished) == "f", 0.5)
    check_once(jobs)
    return jobs / float(sql("SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM jobs"))


def jain() -> float:
    """Jain's index of what each tenant got of the first jobs that were started: 1 when all got the same, 1/8 when one
    got everything. So few are looked at that no tenant can have run out of jobs, were they served equally."""
    window = len(TENANTS) * JOBS_OF_EACH // 2
    first = f"SELECT tenant_id FROM jobs ORDER BY started_at LIMIT {window}"
    served = [int(row) for row in sql(f"SELECT count(*) FROM ({first}) AS first GROUP BY tenant_id").splitlines()]
    return sum(served) ** 2 / (len(TENANTS) * sum(count**2 for count in served))


def measure(limits: dict) -> list[dict]:
    # In this order, so that a machine that grows slower or faster favours neither.
    alone = [drain_all(fill_by_one())]
    together = [drain_all(fill_in_turn())]
    index = jain()
    together.append(drain_all(fill_in_turn()))
    index = min(index, jain())
    alone.append(drain_all(fill_by_one()))
    name = f"drain, {len(TENANTS)} tenants in one queue"
    goal = {"goal": f"{GOAL_SHARE} x one tenant's", "met": sum(together) >= GOAL_SHARE * sum(alone)}
    runs = {"runs": [round(rate) for rate in together], "peer_runs": [round(rate) for rate in alone]}
    return [
        axis(f"{name}, Jain's index", index, "", {}, goal=f"{GOAL_JAIN}", met=index >= GOAL_JAIN),
        axis(name, sum(together) / 2, "jobs/s", {"one tenant": sum(alone) / 2}, **goal, **runs),
    ]
