import ServiceLifecycle

extension ConnectionThread {
    /// The life of a client's `run`: ends when the thread has. A graceful shutdown refuses new callers from that moment
    /// and lets pending calls finish; a cancelled task ends them.
    func runUntilStopped(refuseCallers: @escaping @Sendable () -> Void) async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await ended()
            } onGracefulShutdown: {
                refuseCallers()
                self.stop(.afterPending)
            }
        } onCancel: {
            self.stop(.atOnce)
        }
    }
}
