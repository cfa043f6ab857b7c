#define _GNU_SOURCE
#include "bare_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_log(const char *root, const char *name, const char *stream) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/sys/log/%s/pre-start.%s.log", root, name, stream);
  return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

static int start(const char *root, const char *name, const posix_spawnattr_t *attributes,
                 int null, int niceness) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/sys/log/%s", root, name);
  if (mkdir(path, 0750) != 0 && errno != EEXIST) return errno;
  int out = open_log(root, name, "stdout");
  if (out < 0) return errno;
  int err = open_log(root, name, "stderr");
  if (err < 0) {
    int failure = errno;
    close(out);
    return failure;
  }

  snprintf(path, sizeof path, "%s/jobs/%s/bin/pre-start", root, name);
  char *arguments[] = {path, NULL};
  char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, null, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid;
  int failure = posix_spawn(&pid, path, &actions, attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  close(out);
  close(err);
  if (failure == 0) setpriority(PRIO_PROCESS, (id_t)pid, niceness);
  return failure;
}

int bare_loop(const char *root, const char *const *names, int count, int parallel, int sessions) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(
      &attributes, (sessions ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP) |
                       POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);

  int niceness = getpriority(PRIO_PROCESS, 0) + 5;
  if (niceness > 19) niceness = 19;
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int failure = null < 0 ? errno : 0;
  int started = 0, running = 0;
  while (failure == 0 && (started < count || running > 0)) {
    if (started < count && running < parallel) {
      failure = start(root, names[started], &attributes, null, niceness);
      started += 1;
      running += 1;
      continue;
    }
    siginfo_t info;
    if (waitid(P_ALL, 0, &info, WEXITED) != 0) {
      if (errno != EINTR) failure = errno;
      continue;
    }
    running -= 1;
    if (info.si_code != CLD_EXITED || info.si_status != 0) failure = ECHILD;
  }
  if (null >= 0) close(null);
  posix_spawnattr_destroy(&attributes);
  return failure;
}
