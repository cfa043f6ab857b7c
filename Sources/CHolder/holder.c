#define _GNU_SOURCE
#include "CHolder.h"
#include "group.h"
#include "record.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { argument_folder = 2, argument_name, argument_timeout, argument_grace, argument_nice,
       argument_group, argument_program, argument_first };

static const int64_t second = 1000000000;
static const int64_t millisecond = 1000000;
static const int64_t never = INT64_MAX;

// What is known about the command while it is watched.
struct watch {
  pid_t command;
  // The folder of its cgroup; NULL if it has no cgroup of its own.
  const char *group;
  int64_t grace;
  // When TERM is due or, once it is being ended, KILL.
  int64_t deadline;
  int is_ending, is_killed, is_timed_out;
  // Its main process has ended, and the end is recorded; it stays a zombie.
  int is_over;
  siginfo_t end;
};

static int64_t later(int64_t moment, int64_t duration) {
  return duration > never - moment ? never : moment + duration;
}

// The environment without the `_` that keeps it from affecting the holder.
static char **own_environment(void) {
  size_t count = 0, kept = 0;
  while (environ[count] != NULL) count++;
  char **result = calloc(count + 1, sizeof *result);
  if (result == NULL) return NULL;
  for (size_t index = 0; index < count; index++) {
    if (environ[index][0] == '_') result[kept++] = environ[index] + 1;
  }
  return result;
}

// Starts the command: its own session, default dispositions, an empty mask, only the descriptors 0,
// 1 and 2.
static int spawn(char **argv, char **environment, pid_t *command) {
  sigset_t none, all;
  sigemptyset(&none);
  // sigfillset(3) leaves out the two signals that glibc reserves.
  memset(&all, 0xFF, sizeof all);
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  int error = posix_spawnattr_init(&attributes);
  if (error != 0) return error;
  error = posix_spawn_file_actions_init(&actions);
  if (error == 0) {
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    error = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (error == 0) {
      error = posix_spawn(
          command, argv[argument_program], &actions, &attributes, argv + argument_first,
          environment);
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  posix_spawnattr_destroy(&attributes);
  return error;
}

static int may_pass(int error) {
  return error == EAGAIN || error == ENOMEM || error == ETXTBSY || error == EMFILE ||
         error == ENFILE;
}

// Starts the command in its cgroup, if it has one; ignores the cgroup if it cannot be used.
static int spawn_somewhere(char **argv, char **environment, struct watch *watch) {
  if (watch->group != NULL) {
    int is_refused = 0;
    int error = group_spawn(
        watch->group, argv[argument_program], argv + argument_first, environment,
        &watch->command, &is_refused);
    if (!is_refused) return error;
    watch->group = NULL;
  }
  return spawn(argv, environment, &watch->command);
}

// Starts the command. If there is no room for a process, tries again for about five seconds, unless
// it is asked to end.
static int start(char **argv, struct watch *watch) {
  char **environment = own_environment();
  if (environment == NULL) return ENOMEM;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGUSR1);
  int error = 0;
  for (int try = 0; try < 9; try++) {
    error = spawn_somewhere(argv, environment, watch);
    if (error == 0 || !may_pass(error)) break;
    int64_t pause = (20 * millisecond) << try;
    struct timespec time = {.tv_sec = pause / second, .tv_nsec = pause % second};
    if (sigtimedwait(&ends, NULL, &time) > 0) break;
  }
  free(environment);
  return error;
}

// Signals all processes of the command, 0 for no signal; returns how many are alive.
static int signal_all(const struct watch *watch, int number) {
  int living = session_signal(watch->command, number);
  return living + group_signal(watch->group, watch->command, number);
}

// Asks the command to end; KILL follows when its time for that is over.
static void terminate(struct watch *watch, int64_t time) {
  if (!watch->is_ending) watch->deadline = later(record_now(), time);
  watch->is_ending = 1;
  signal_all(watch, SIGTERM);
}

static void kill_now(struct watch *watch) {
  watch->is_ending = watch->is_killed = 1;
  watch->deadline = never;
  signal_all(watch, SIGKILL);
}

// Records the end of the command's main process once that is over.
static void look(struct watch *watch, struct record *record) {
  if (watch->is_over) return;
  watch->end.si_pid = 0;
  if (waitid(P_PID, (id_t)watch->command, &watch->end, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      watch->end.si_pid == 0) {
    return;
  }
  watch->is_over = 1;
  record_end(
      record, watch->end.si_code == CLD_EXITED ? "exited" : "signalled", watch->end.si_status,
      watch->is_timed_out);
}

// Whether a signal is pending.
static int is_asked_to_end(void) {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGUSR1) == 1;
}

// Whether nothing is left to wait for. Processes that the command leaves behind are left alone,
// unless its end was requested: then its session and cgroup must become empty, and its zombie keeps
// the session's number.
static int is_done(const struct watch *watch) {
  if (!watch->is_over) return 0;
  if (!watch->is_ending) return !is_asked_to_end();
  int number = watch->is_killed ? SIGKILL : 0;
  // The first scan may have missed a process that forked and ended between two of its entries.
  return signal_all(watch, number) == 0 && signal_all(watch, number) == 0;
}

static void set_timer(timer_t timer, int64_t moment) {
  struct itimerspec when = {
      .it_value = {.tv_sec = moment / second, .tv_nsec = moment % second}};
  timer_settime(timer, TIMER_ABSTIME, &when, NULL);
}

// Watches the command until it has ended.
static void watch_command(struct watch *watch, struct record *record, timer_t timer) {
  sigset_t signals;
  sigemptyset(&signals);
  const int numbers[] = {SIGCHLD, SIGTERM, SIGUSR1, SIGALRM};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    sigaddset(&signals, numbers[index]);
  }
  int64_t pause = millisecond;
  for (;;) {
    look(watch, record);
    if (is_done(watch)) return;
    int64_t now = record_now();
    if (now >= watch->deadline) {
      if (!watch->is_ending) {
        watch->is_timed_out = 1;
        terminate(watch, watch->grace);
      } else {
        kill_now(watch);
      }
      continue;
    }
    int64_t next = watch->deadline;
    if (watch->is_over) {
      if (now + pause < next) next = now + pause;
      if (pause < 50 * millisecond) pause *= 2;
    }
    if (next != never) set_timer(timer, next);
    switch (sigwaitinfo(&signals, NULL)) {
    // The sender of TERM follows with KILL; if it is gone, the holder does so.
    case SIGTERM: terminate(watch, later(watch->grace, second)); break;
    case SIGUSR1: kill_now(watch); break;
    }
  }
}

// Ends as the command did, but without another core file.
static _Noreturn void end_like(const siginfo_t *command) {
  if (command->si_code == CLD_EXITED) _exit(command->si_status);
  int number = command->si_status;
  prctl(PR_SET_DUMPABLE, 0);
  signal(number, SIG_DFL);
  kill(getpid(), number);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  _exit(128 + number);
}

// Holds the command; returns an exit status if it never ran.
static int hold(char **argv) {
  // All are blocked: the holder waits for those that matter, and no other may end it.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  signal(SIGCHLD, SIG_DFL);
  // A record that may not grow (setrlimit(2)) is an error, not a reason to end.
  signal(SIGXFSZ, SIG_IGN);
  setpriority(PRIO_PROCESS, 0, atoi(argv[argument_nice]));
  int64_t timeout = strtoll(argv[argument_timeout], NULL, 10);

  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
  timer_t timer;
  if (timer_create(CLOCK_BOOTTIME, &event, &timer) != 0) return errno;
  static struct record record;
  int error = record_claim(&record, argv[argument_folder], argv[argument_name]);
  if (error != 0) return error;
  struct watch watch = {
      .group = strcmp(argv[argument_group], "-") == 0 ? NULL : argv[argument_group],
      .grace = strtoll(argv[argument_grace], NULL, 10),
      .deadline = timeout > 0 ? later(record_now(), timeout) : never};
  error = start(argv, &watch);
  if (error != 0) {
    record_end(&record, "failed", error, 0);
    return error;
  }
  record_command(&record, watch.command);
  watch_command(&watch, &record, timer);
  waitid(P_PID, (id_t)watch.command, &watch.end, WEXITED);
  end_like(&watch.end);
}

void holder_take_over(int argc, char **argv) {
  if (argc < 2 || strcmp(argv[1], "hold") != 0) return;
  if (argc <= argument_first) {
    fputs("lockstep: 'hold' is for its own use\n", stderr);
    _exit(2);
  }
  _exit(hold(argv));
}
