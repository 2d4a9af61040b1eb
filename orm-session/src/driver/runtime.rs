//! What an async runtime around the caller means for a blocking client.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether this thread belongs to an async runtime, be it for blocking work or not.
pub(crate) fn is_entered() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// Runs `work`, which may block and may drop a runtime, where that is allowed: here, or on a thread
/// of its own that is waited for. A panic in it ends there.
pub(crate) fn outside(work: impl FnOnce() + Send) {
    if !is_entered() {
        work();
        return;
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("orm-outside-runtime".into());
        // the closure is dropped by `spawn_scoped` if no thread can be had
        if let Ok(thread) = thread.spawn_scoped(scope, || {
            let _ = catch_unwind(AssertUnwindSafe(work));
        }) {
            let _ = thread.join();
        }
    });
}
