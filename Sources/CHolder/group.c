#define _GNU_SOURCE
#include "group.h"

#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// sched.h of the kernel: struct clone_args, CLONE_ARGS_SIZE_VER2.
struct clone_request {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
      set_tid_size, cgroup;
};

static const uint64_t flag_into_cgroup = 0x200000000;

enum { signal_count = 64, close_range_cloexec = 1 << 2 };

// What the child does. Nothing here may need a lock of another thread of the parent; there is no
// other thread. It reports a failure through the pipe.
static _Noreturn void become(
    int report, const char *program, char **arguments, char **environment) {
  setsid();
  for (int number = 1; number <= signal_count; number++) {
    // Not with sigaction(2), which does not reach the two signals that glibc reserves.
    uint64_t action[4] = {0};
    syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
  }
  syscall(436 /* close_range */, 3, ~0U, close_range_cloexec);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(program, arguments, environment);
  int error = errno;
  while (write(report, &error, sizeof error) < 0 && errno == EINTR) {}
  _exit(127);
}

// Whether an error of clone3(2) concerns the cgroup or the call itself.
static int is_refusal(int error) {
  switch (error) {
  case EAGAIN: case ENOMEM: case EMFILE: case ENFILE: return 0;
  default: return 1;
  }
}

int group_spawn(
    const char *folder, const char *program, char **arguments, char **environment, pid_t *process,
    int *is_refused) {
  int group = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int report[2];
  if (group < 0 || pipe2(report, O_CLOEXEC) != 0) {
    int error = errno;
    *is_refused = is_refusal(error);
    if (group >= 0) close(group);
    return error;
  }
  struct clone_request how = {
      .flags = flag_into_cgroup, .exit_signal = SIGCHLD, .cgroup = (uint64_t)group};
  // Like fork(2): without a stack of its own, the child continues here with a copy of all memory.
  long result = syscall(435 /* clone3 */, &how, sizeof how);
  if (result == 0) become(report[1], program, arguments, environment);
  int error = result < 0 ? errno : 0;
  close(group);
  close(report[1]);
  if (error != 0) {
    *is_refused = is_refusal(error);
  } else {
    ssize_t count;
    do count = read(report[0], &error, sizeof error);
    while (count < 0 && errno == EINTR);
    if (count != sizeof error) error = 0;
    *process = (pid_t)result;
    if (error != 0) waitpid(*process, NULL, 0);
  }
  close(report[0]);
  return error;
}

// Whether the cgroup could be killed as a whole (Linux 5.14).
static int kill_all(const char *folder) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/cgroup.kill", folder);
  if (length < 0 || (size_t)length >= sizeof path) return 0;
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return 0;
  int is_done = write(file, "1", 1) == 1;
  close(file);
  return is_done;
}

int group_signal(const char *folder, pid_t session, int number) {
  if (folder == NULL) return 0;
  int is_done = number == SIGKILL && kill_all(folder);
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/cgroup.procs", folder);
  if (length < 0 || (size_t)length >= sizeof path) return 0;
  FILE *processes = fopen(path, "re");
  if (processes == NULL) return 0;
  int living = 0;
  long process;
  while (fscanf(processes, "%ld", &process) == 1) {
    char name[24];
    pid_t group, own_session;
    snprintf(name, sizeof name, "%ld", process);
    // A process that is not visible from here is 0.
    if (process <= 0 || !process_is_living(name, &group, &own_session)) continue;
    living++;
    if (number != 0 && !is_done && getsid((pid_t)process) != session) {
      kill((pid_t)process, number);
    }
  }
  fclose(processes);
  return living;
}
