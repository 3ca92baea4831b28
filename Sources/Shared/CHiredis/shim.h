#include <hiredis/hiredis.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// What the thread that owns a Redis connection needs and Swift's Glibc module does not show.

// -1 when the process has no descriptor left.
static inline int errand_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

// prctl(2) is variadic. Names the calling thread, as ps and top show it.
static inline void errand_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}
