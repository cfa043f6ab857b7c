// Starts a process and continues before it has executed its program.
//
// posix_spawn(3) suspends its caller until the child has executed, and on a busy machine the child
// waits for a processor. Here the child also shares our memory, but has its own stack, and we
// continue. It occupies a slot until the kernel says that it no longer uses our memory, because of
// execve(2) or its end. A slot starts one process at a time.
//
// For x86-64 and arm64 with Linux 5.11; elsewhere `spawn_is_possible` says no.
#ifndef LOCKSTEP_CSPAWN_H
#define LOCKSTEP_CSPAWN_H

#include <stdint.h>
#include <sys/types.h>

// What to start, and how.
struct spawn_request {
  // The executable's path; a relative one is resolved in `folder`. It is copied.
  const char *path;
  // The argument vector; NULL for the path alone. It must stay until the slot is free.
  char *const *arguments;
  // The whole environment. It must stay until the slot is free.
  char *const *environment;
  // Open descriptors, all above 2: the working folder, and those that become 0, 1 and 2. No other
  // is open in the program.
  int folder, standard[3];
  // The cgroup to start in, as an open folder of cgroup v2; -1 for the caller's.
  int cgroup;
  // The nice value, if `is_lowered`.
  int is_lowered, nice;
  // The soft and hard limits of descriptors, if `is_limited`.
  int is_limited;
  uint64_t limits[2];
  // The signals that are ignored here and get their default action there: bit n - 1 for signal n.
  uint64_t ignored;
};

// What was started.
struct spawn_process {
  pid_t number;
  // A descriptor of the process (pidfd_open(2)), close-on-exec; -1 if none was available.
  int descriptor;
};

struct spawn_slot;

// Whether this machine supports it. A system call filter may still refuse a start, with ENOSYS,
// EPERM or EINVAL.
int spawn_is_possible(void);

// The signals that this process ignores, including those that the C library reserves: bit n - 1 for
// signal n.
uint64_t spawn_ignored_signals(void);

// Makes a free slot; NULL if memory runs out.
struct spawn_slot *spawn_slot_make(void);

// Releases the memory of a slot, which must be free.
void spawn_slot_remove(struct spawn_slot *slot);

// Starts a process that leads a session of its own, with an empty signal mask and default actions.
//
// Gives 0, or the error number of clone3(2); ENAMETOOLONG for a path that has no room. What fails after
// that, execve(2) above all, ends the process with 127, and `spawn_slot_error` tells it.
int spawn_slot_start(
    struct spawn_slot *slot, const struct spawn_request *request, struct spawn_process *process);

// Whether the process that was started last may still use our memory.
int spawn_slot_is_busy(const struct spawn_slot *slot);

// Waits until it does not.
void spawn_slot_wait(const struct spawn_slot *slot);

// Why the process that was started last could not execute its program; 0 if it could. Ask when the
// slot is not busy.
int spawn_slot_error(const struct spawn_slot *slot);

#endif
