#ifndef LOCKSTEP_HOLDER_SESSION_H
#define LOCKSTEP_HOLDER_SESSION_H

#include <sys/types.h>

/// Sends a signal to every process of a session, 0 for none, and gives how many there are that are
/// not zombies.
int session_signal(pid_t session, int number);

#endif
