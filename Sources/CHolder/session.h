#ifndef LOCKSTEP_HOLDER_SESSION_H
#define LOCKSTEP_HOLDER_SESSION_H

#include <sys/types.h>

/// Sends a signal to every process of a session, 0 for none, and returns how many are not zombies.
int session_signal(pid_t session, int number);

/// Whether a process, named by its number, exists and is not a zombie; says its group and session.
int process_is_living(const char *process, pid_t *group, pid_t *session);

#endif
