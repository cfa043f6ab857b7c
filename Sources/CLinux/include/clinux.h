// Linux calls and constants that `import Glibc` hides from Swift: declarations and thin wrappers
// only. Every wrapper returns what the call returns and leaves `errno` as the call left it, unless
// its comment says otherwise. Calls newer than the oldest glibc of a supported stemcell (2.35) go
// through syscall(2), so that the binary does not need them from the loader.
#ifndef LOCKSTEP_CLINUX_H
#define LOCKSTEP_CLINUX_H

// Without _GNU_SOURCE, because these headers' types must be those of the module Glibc.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/stat.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// open(2) flags that need _GNU_SOURCE; the numbers are those of x86-64 and arm64 alike.
static const int lockstep_O_PATH = 010000000;

// openat2(2), Linux 5.6: how a path is resolved.
static const uint64_t lockstep_RESOLVE_NO_SYMLINKS = 0x04;
static const uint64_t lockstep_RESOLVE_BENEATH = 0x08;

struct lockstep_open_how {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};

static inline int lockstep_openat(int folder, const char *path, int flags, mode_t mode) {
  return openat(folder, path, flags, mode);
}

// A pipe whose ends are closed in children.
static inline int lockstep_pipe(int *reader, int *writer) {
  int ends[2];
  if (syscall(SYS_pipe2, ends, O_CLOEXEC) != 0) return -1;
  *reader = ends[0];
  *writer = ends[1];
  return 0;
}

static inline int lockstep_openat2(
    int folder, const char *path, int flags, mode_t mode, uint64_t resolve) {
  struct lockstep_open_how how = {(uint64_t)flags, mode, resolve};
  return (int)syscall(437 /* SYS_openat2 */, folder, path, &how, sizeof how);
}

// statx(2), Linux 4.11: what a path is, links not followed. `mount` identifies a current mount,
// since Linux 5.8; 0 if unknown.
struct lockstep_file {
  mode_t mode;
  uid_t owner;
  uint64_t mount;
  uint32_t links;
  int is_immutable;
};

static inline int lockstep_look(int folder, const char *path, struct lockstep_file *file) {
  struct statx found = {0};
  int result = (int)syscall(
      SYS_statx, folder, path, 0x100 /* AT_SYMLINK_NOFOLLOW */,
      STATX_TYPE | STATX_MODE | STATX_UID | STATX_NLINK | 0x1000 /* STATX_MNT_ID */, &found);
  file->mode = found.stx_mode;
  file->owner = found.stx_uid;
  file->links = found.stx_nlink;
  file->mount = found.stx_mask & 0x1000 ? found.stx_mnt_id : 0;
  file->is_immutable = (found.stx_attributes & STATX_ATTR_IMMUTABLE) != 0;
  return result;
}

// fallocate(2) of space after the end of a file; the file's length does not change.
extern int fallocate(int, int, off_t, off_t);

static inline int lockstep_reserve(int file, off_t offset, off_t length) {
  return fallocate(file, 0x01 /* FALLOC_FL_KEEP_SIZE */, offset, length);
}

// The halves of a device number of stat(2), as /proc/locks shows them.
static inline unsigned lockstep_major(dev_t device) { return major(device); }
static inline unsigned lockstep_minor(dev_t device) { return minor(device); }

// Whether a folder belongs to cgroups of version 2 (statfs(2), CGROUP2_SUPER_MAGIC).
static inline int lockstep_is_cgroup(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 && status.f_type == 0x63677270;
}

// Returns freed memory that lies between memory still in use.
static inline void lockstep_trim_memory(void) { malloc_trim(0); }

// epoll(7)
static const uint32_t lockstep_EPOLLIN = 0x001;
static const uint32_t lockstep_EPOLLOUT = 0x004;

static inline int lockstep_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int lockstep_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int lockstep_epoll_modify(
    int epoll, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

static inline int lockstep_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

// timerfd_create(2), on the clock that includes suspended time.
static inline int lockstep_timer_create(void) {
  return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

// Arms for a moment on that clock; 0 disarms.
static inline int lockstep_timer_set(int timer, int64_t nanoseconds) {
  struct itimerspec when = {
      .it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
  return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

// eventfd(2): readable once it was signalled.
static inline int lockstep_event_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int lockstep_event_tell(int descriptor) { return eventfd_write(descriptor, 1); }

// socket(2), connect(2): stream sockets that never block.
static inline int lockstep_socket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int lockstep_connect(int descriptor, const void *address, socklen_t length) {
  return connect(descriptor, (const struct sockaddr *)address, length);
}

// How a pending connect(2) ended: 0 or an error number.
static inline int lockstep_socket_error(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

// send(2) that fails with EPIPE instead of raising SIGPIPE.
static inline ssize_t lockstep_send(int descriptor, const void *bytes, size_t count) {
  return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

// signalfd(2)
static inline int lockstep_signal_descriptor(const sigset_t *signals) {
  return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// The number of the next pending signal; 0 if there is none.
static inline int lockstep_signal_read(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

static inline int lockstep_signal_ignore(int signal_number, struct sigaction *before) {
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  return sigaction(signal_number, &ignore, before);
}

static inline int lockstep_signal_default(int signal_number, struct sigaction *before) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  return sigaction(signal_number, &standard, before);
}

// pidfd_open(2), Linux 5.3; the descriptor is close-on-exec.
static inline int lockstep_pidfd_open(pid_t process) {
  return (int)syscall(434 /* SYS_pidfd_open */, process, 0);
}

// pidfd_send_signal(2), Linux 5.1
static inline int lockstep_pidfd_signal(int descriptor, int signal_number) {
  return (int)syscall(424 /* SYS_pidfd_send_signal */, descriptor, signal_number, NULL, 0);
}

// How a child ended: CLD_* in `code`, exit status or signal in `status`; `process` 0: not yet.
struct lockstep_end {
  pid_t process;
  int code;
  int status;
};

static const int lockstep_CLD_EXITED = CLD_EXITED;

// waitid(2) by pid without waiting; `keep` leaves the zombie, and with it the pid, in place.
static inline struct lockstep_end lockstep_wait(pid_t process, int keep) {
  siginfo_t info = {0};
  int flags = WEXITED | WNOHANG | (keep ? WNOWAIT : 0);
  int result;
  do {
    result = waitid(P_PID, (id_t)process, &info, flags);
  } while (result != 0 && errno == EINTR);
  struct lockstep_end end = {result == 0 ? info.si_pid : -1, info.si_code, info.si_status};
  return end;
}

// posix_spawn(3) extensions: glibc 2.26, 2.34 and 2.29.
static const short lockstep_SPAWN_FLAGS =
    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | 0x80 /* POSIX_SPAWN_SETSID */;

extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *, int);

static inline int lockstep_spawn_closefrom(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static inline int lockstep_spawn_fchdir(posix_spawn_file_actions_t *actions, int folder) {
  return posix_spawn_file_actions_addfchdir_np(actions, folder);
}

// getpriority(2) and setpriority(2); the result may be -1 without an error.
static inline int lockstep_own_nice(void) { return getpriority(PRIO_PROCESS, 0); }

static inline int lockstep_group_nice(pid_t group, int nice) {
  return setpriority(PRIO_PGRP, (id_t)group, nice);
}

// getrlimit(2) and setrlimit(2) of the number of descriptors.
static inline int lockstep_descriptor_limit(struct rlimit *limit) {
  return getrlimit(RLIMIT_NOFILE, limit);
}

static inline int lockstep_set_descriptor_limit(const struct rlimit *limit) {
  return setrlimit(RLIMIT_NOFILE, limit);
}

// File types of stat(2), whose macros take an argument.
static inline int lockstep_is_regular(mode_t mode) { return S_ISREG(mode); }
static inline int lockstep_is_folder(mode_t mode) { return S_ISDIR(mode); }
static inline int lockstep_is_link(mode_t mode) { return S_ISLNK(mode); }

// The environment that execve(2) gave us, ending in NULL.
extern char **environ;
static inline char *const *lockstep_environment(void) { return environ; }

#endif
