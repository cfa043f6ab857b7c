// The cgroup (cgroups(7), version 2) that a held command is in.
#ifndef LOCKSTEP_CHOLDER_GROUP_H
#define LOCKSTEP_CHOLDER_GROUP_H

#include <sys/types.h>

// Starts a program in a cgroup: a session of its own, default dispositions, an empty mask, nothing but
// 0, 1 and 2. Gives 0 or an error number; `is_refused` is set where it is the cgroup that cannot be
// used, and nothing was started.
int group_spawn(
    const char *folder, const char *program, char **arguments, char **environment, pid_t *process,
    int *is_refused);

// Signals what is in a cgroup and in no session of this leader, which is signalled otherwise; KILL ends
// all of it at once, where the kernel can. 0 for no signal. Gives how many processes live in it; 0 for
// no cgroup (NULL).
int group_signal(const char *folder, pid_t session, int number);

#endif
