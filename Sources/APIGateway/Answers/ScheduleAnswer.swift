import Domain

/// A schedule as the API shows it.
struct ScheduleAnswer {
    let schedule: Schedule

    init(_ schedule: Schedule) { self.schedule = schedule }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", schedule.id.description)
            object.field("name", schedule.name.rawValue)
            object.field("rule", schedule.rule)
            object.field("time_zone", schedule.timeZone)
            object.field("paused", schedule.isPaused)
            object.field("next_at", schedule.nextAt)
            object.field("last_fired_at", schedule.lastFiredAt)
            object.field("last_job_id", schedule.lastJob?.description)
            object.field("coalesced", schedule.coalesced)
            object.field("created_at", schedule.createdAt)
            object.field("updated_at", schedule.updatedAt)
            object.key("job")
            object.object { job in
                job.field("kind", schedule.specification.kind.rawValue)
                job.field("queue", schedule.specification.queue.rawValue)
                job.field("priority", schedule.specification.priority.rawValue)
                job.field("payload", json: schedule.specification.payload)
            }
        }
    }
}
