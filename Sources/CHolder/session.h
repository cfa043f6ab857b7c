#ifndef LOCKSTEP_HOLDER_SESSION_H
#define LOCKSTEP_HOLDER_SESSION_H

#include <sys/types.h>

/// Sends a signal to every process of a session, 0 for none, and returns how many are not zombies.
int session_signal(pid_t session, int number);

#endif
