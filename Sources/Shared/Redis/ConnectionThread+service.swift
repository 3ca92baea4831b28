import ServiceLifecycle

extension ConnectionThread {
    /// The life of a client's `run`: ends when the thread has; a graceful shutdown lets pending calls finish first,
    /// a cancelled task does not.
    func runUntilStopped() async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await ended()
            } onGracefulShutdown: {
                self.stop(.afterPending)
            }
        } onCancel: {
            self.stop(.atOnce)
        }
    }
}
