import Domain
import Jobs
import TestSupport
import Testing

/// Tenants take turns by weight; a tenant's own jobs go by priority.
@Suite struct FairnessTests {
    private func push(_ count: Int, _ tenant: TenantID, _ engine: Engine, _ priority: JobPriority = .normal)
        async throws
    {
        let list = ReadyList(queue: .default, tenant: tenant, priority: priority)
        try await engine.queue.push((0..<count).map { _ in QueuedJob(id: .make(), list: list) })
    }

    /// Whose jobs come, in order, taken a few at a time.
    private func order(_ count: Int, step: Int, _ engine: Engine) async throws -> [TenantID] {
        let worker = WorkerID.make()
        var order: [TenantID] = []
        while order.count < count {
            let part = try await engine.queue.take(upTo: step, from: .default, by: worker, claimed: true).jobs
            if part.isEmpty { break }
            order += part.map(\.list.tenant)
        }
        return order
    }

    @Test(arguments: [1, 7, 100]) func `equal tenants get equal parts while all of them wait`(step: Int) async throws {
        try await Engine.with { engine in
            let tenants = (0..<10).map { _ in TenantID.make() }
            for (index, tenant) in tenants.enumerated() { try await push(200 + 50 * index, tenant, engine) }
            let order = try await order(1000, step: step, engine)
            let parts = tenants.map { tenant in Double(order.count { $0 == tenant }) }
            let jain = parts.reduce(0, +) * parts.reduce(0, +) / (10 * parts.map { $0 * $0 }.reduce(0, +))
            #expect(jain >= 0.99, "\(parts)")
        }
    }

    @Test func `a weight of three gets three times as much`() async throws {
        try await Engine.with { engine in
            let (heavy, light) = (TenantID.make(), TenantID.make())
            try await engine.queue.setWeights([heavy: 3], queue: .default)
            try await push(900, heavy, engine)
            try await push(900, light, engine)
            let order = try await order(800, step: 10, engine)
            #expect(abs(order.count { $0 == heavy } - 600) <= 10)
        }
    }

    @Test(arguments: [1, 32]) func `a job behind another tenant's backlog is among the next`(step: Int) async throws {
        try await Engine.with { engine in
            let (crowd, single) = (TenantID.make(), TenantID.make())
            try await push(5000, crowd, engine)
            _ = try await order(500, step: step, engine)
            for _ in 0..<20 {
                try await push(1, single, engine)
                let next = try await order(step + 1, step: step, engine)
                #expect(next.prefix(2).contains(single))
            }
        }
    }

    @Test func `a tenant whose jobs come one by one does not get ahead of a backlog`() async throws {
        try await Engine.with { engine in
            let (crowd, drip) = (TenantID.make(), TenantID.make())
            try await push(500, crowd, engine)
            try await push(1, drip, engine)
            var served: [TenantID] = []
            for _ in 0..<200 {
                let next = try await order(1, step: 1, engine)
                served += next
                if next == [drip] { try await push(1, drip, engine) }
            }
            let share = served.count { $0 == drip }
            #expect((95...105).contains(share), "\(share) of 200")
        }
    }

    @Test func `a tenant's urgent jobs go before its others, not before another tenant's`() async throws {
        try await Engine.with { engine in
            let (mine, theirs) = (TenantID.make(), TenantID.make())
            for priority in JobPriority.allCases.reversed() { try await push(10, mine, engine, priority) }
            try await push(40, theirs, engine, .idle)
            let worker = WorkerID.make()
            var taken: [QueuedJob] = []
            for _ in 0..<80 {
                taken += try await engine.queue.take(upTo: 1, from: .default, by: worker, claimed: true).jobs
            }
            let own = taken.filter { $0.list.tenant == mine }.map(\.list.priority)
            #expect(own == own.sorted() && own.count == 40)
            #expect(taken.prefix(40).count { $0.list.tenant == theirs } >= 19)
        }
    }
}
