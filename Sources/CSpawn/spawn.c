#define _GNU_SOURCE
#include "CSpawn.h"
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// A path has at most PATH_MAX bytes, including its NUL (open(2)).
enum { path_room = 4096, stack_room = 16384, signal_count = 64 };

// A slot is above its stack, which grows down to a page without access.
struct spawn_slot {
  // Cleared by the kernel, which also wakes waiters, when the child no longer uses our memory.
  uint32_t is_busy;
  int error;
  struct spawn_request request;
  char *arguments[2];
  void *mapping;
  size_t mapping_size;
  char path[path_room];
};

int spawn_slot_is_busy(const struct spawn_slot *slot) {
  return __atomic_load_n(&slot->is_busy, __ATOMIC_ACQUIRE) != 0;
}

int spawn_slot_error(const struct spawn_slot *slot) {
  return __atomic_load_n(&slot->error, __ATOMIC_ACQUIRE);
}

void spawn_slot_wait(const struct spawn_slot *slot) {
  // The kernel wakes waiters of all processes, not this process's private ones.
  while (spawn_slot_is_busy(slot)) {
    syscall(SYS_futex, &slot->is_busy, 0 /* FUTEX_WAIT */, 1, NULL, NULL, 0);
  }
}

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static size_t whole_pages(size_t size) {
  size_t page = page_size();
  return (size + page - 1) / page * page;
}

struct spawn_slot *spawn_slot_make(void) {
  size_t below = page_size() + whole_pages(stack_room);
  size_t size = below + whole_pages(sizeof(struct spawn_slot));
  char *mapping = mmap(
      NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) return NULL;
  if (mprotect(mapping, page_size(), PROT_NONE) != 0) {
    munmap(mapping, size);
    return NULL;
  }
  struct spawn_slot *slot = (struct spawn_slot *)(mapping + below);
  slot->mapping = mapping;
  slot->mapping_size = size;
  return slot;
}

void spawn_slot_remove(struct spawn_slot *slot) { munmap(slot->mapping, slot->mapping_size); }

#ifdef LOCKSTEP_CSPAWN_IS_IMPOSSIBLE

int spawn_is_possible(void) { return 0; }

uint64_t spawn_ignored_signals(void) { return 0; }

int spawn_slot_start(
    struct spawn_slot *slot, const struct spawn_request *request, struct spawn_process *process) {
  (void)slot, (void)request, (void)process;
  return ENOSYS;
}

#else

// The kernel's own structure; only its first member matters here (rt_sigaction(2)).
struct signal_action {
  void (*handler)(int);
  unsigned long rest[4];
};

// sched.h of the kernel: struct clone_args, CLONE_ARGS_SIZE_VER2.
struct clone_request {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
      set_tid_size, cgroup;
};

static const uint64_t flag_vm = 0x100, flag_pidfd = 0x1000, flag_child_cleartid = 0x200000,
                      flag_clear_sighand = 0x100000000, flag_into_cgroup = 0x200000000;

static const unsigned close_range_cloexec = 1 << 2;

// Not among the child's own variables, because the compiler might call memset(3) to make them.
static const struct signal_action standard_action = {.handler = SIG_DFL};
static const uint64_t no_signals = 0;

// What the child does before its program: only system calls and stores to its slot.
BARE static long become(const struct spawn_request *request) {
  long result = raw_call(SYS_setsid, 0, 0, 0, 0);
  if (result < 0) return result;
  for (int number = 0; number < 3; number++) {
    result = raw_call(SYS_dup3, request->standard[number], number, 0, 0);
    if (result < 0) return result;
  }
  result = raw_call(SYS_fchdir, request->folder, 0, 0, 0);
  if (result < 0) return result;
  // Not before the program executes: until then the child also holds our lock, which shows the next
  // run that not everything is over.
  result = raw_call(436 /* close_range */, 3, ~0U, close_range_cloexec, 0);
  if (result < 0) return result;
  if (request->is_limited) {
    result = raw_call(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)request->limits, 0);
    if (result < 0) return result;
  }
  // As in BOSH, the result is ignored.
  if (request->is_lowered) raw_call(SYS_setpriority, PRIO_PROCESS, 0, request->nice, 0);
  for (uint64_t left = request->ignored; left != 0; left &= left - 1) {
    int number = __builtin_ctzll(left) + 1;
    raw_call(SYS_rt_sigaction, number, (long)&standard_action, 0, sizeof(uint64_t));
  }
  return raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&no_signals, 0, sizeof no_signals);
}

BARE __attribute__((noreturn)) static void run(void *value) {
  struct spawn_slot *slot = value;
  const struct spawn_request *request = &slot->request;
  long result = become(request);
  if (result >= 0) {
    result = raw_call(
        SYS_execve, (long)request->path, (long)request->arguments, (long)request->environment, 0);
  }
  __atomic_store_n(&slot->error, (int)-result, __ATOMIC_RELEASE);
  for (;;) raw_call(SYS_exit_group, 127, 0, 0, 0);
}

int spawn_is_possible(void) {
  // Both are given impossible requests; only the error matters.
  int has_flag = syscall(436 /* close_range */, ~0U, ~0U, close_range_cloexec) == 0;
  return has_flag && syscall(435 /* clone3 */, NULL, 0) != 0 && errno == EINVAL;
}

uint64_t spawn_ignored_signals(void) {
  uint64_t ignored = 0;
  for (int number = 1; number <= signal_count; number++) {
    struct signal_action action = {.handler = SIG_DFL};
    if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof(uint64_t)) != 0) continue;
    if (action.handler == SIG_IGN) ignored |= UINT64_C(1) << (number - 1);
  }
  return ignored;
}

int spawn_slot_start(
    struct spawn_slot *slot, const struct spawn_request *request, struct spawn_process *process) {
  size_t length = strlen(request->path);
  if (length >= path_room) return ENAMETOOLONG;
  memcpy(slot->path, request->path, length + 1);
  slot->request = *request;
  slot->request.path = slot->path;
  if (request->arguments == NULL) {
    slot->arguments[0] = slot->path;
    slot->request.arguments = slot->arguments;
  }
  slot->error = 0;
  process->descriptor = -1;
  struct clone_request how = {
      .flags = flag_vm | flag_pidfd | flag_child_cleartid | flag_clear_sighand,
      .pidfd = (uintptr_t)&process->descriptor,
      .child_tid = (uintptr_t)&slot->is_busy,
      .exit_signal = SIGCHLD,
      .stack = (uintptr_t)slot - stack_room,
      .stack_size = stack_room};
  if (request->cgroup >= 0) {
    how.flags |= flag_into_cgroup;
    how.cgroup = (uint64_t)request->cgroup;
  }
  // In the child, a signal that is meant for us must wait until the child has its own session.
  const uint64_t all = ~UINT64_C(0);
  uint64_t before;
  raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof all);
  __atomic_store_n(&slot->is_busy, 1, __ATOMIC_RELAXED);
  long result = raw_clone(&how, sizeof how, run, slot);
  if (result == -EMFILE || result == -ENFILE) {
    how.flags &= ~flag_pidfd;
    result = raw_clone(&how, sizeof how, run, slot);
  }
  if (result < 0) __atomic_store_n(&slot->is_busy, 0, __ATOMIC_RELAXED);
  raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, sizeof before);
  if (result < 0) return (int)-result;
  process->number = (pid_t)result;
  return 0;
}

#endif
