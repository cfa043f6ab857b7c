#define _GNU_SOURCE
#include "session.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// From /proc/PID/stat (proc(5)): state, group and session follow the name, which is in parentheses
// and may itself contain parentheses.
int process_is_living(const char *process, pid_t *group, pid_t *session) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%.20s/stat", process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = 0;
  const char *name_end = strrchr(text, ')');
  char state;
  return name_end != NULL && sscanf(name_end + 1, " %c %*d %d %d", &state, group, session) == 3 &&
         state != 'Z' && state != 'X';
}

int session_signal(pid_t session, int number) {
  // The leader's group at once, in one call. A shell with job control gives each of its jobs its
  // own group; those follow one by one.
  if (number != 0) kill(-session, number);
  DIR *processes = opendir("/proc");
  if (processes == NULL) return 0;
  int living = 0;
  struct dirent *entry;
  while ((entry = readdir(processes)) != NULL) {
    pid_t group, own_session;
    long process = strtol(entry->d_name, NULL, 10);
    if (process <= 0 || !process_is_living(entry->d_name, &group, &own_session)) continue;
    if (own_session != session) continue;
    living++;
    if (number != 0 && group != session) kill((pid_t)process, number);
  }
  closedir(processes);
  return living;
}
