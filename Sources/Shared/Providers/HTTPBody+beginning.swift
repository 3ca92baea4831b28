package import HTTPTransport

extension HTTPBody {
    /// What of the body arrives within `duration`, at most `limitBytes` of it. A body that ends by then leaves its
    /// connection to the next request; any other is given up. Never throws: what breaks off has ended.
    package func beginning(upTo limitBytes: Int, within duration: Duration) async -> [UInt8] {
        await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { await beginning(upTo: limitBytes) }
            group.addTask {
                // Throws when the reader was done first, or the whole task is cancelled.
                try? await Task.sleep(for: duration)
                if !Task.isCancelled { cancel() }
                return nil
            }
            var bytes: [UInt8]?
            while bytes == nil, let result = await group.next() { bytes = result }
            group.cancelAll()
            return bytes ?? []
        }
    }

    private func beginning(upTo limitBytes: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        var iterator = makeAsyncIterator()
        while bytes.count < limitBytes, let chunk = try? await iterator.next() { bytes += chunk }
        if bytes.count >= limitBytes { cancel() }
        return Array(bytes.prefix(limitBytes))
    }
}
