#include <hiredis/hiredis.h>
#include <sys/eventfd.h>

// What the thread that owns a Redis connection needs and Swift's Glibc module does not show.

// -1 when the process has no descriptor left.
static inline int errand_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}
