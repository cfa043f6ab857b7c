// The cgroup (cgroups(7), version 2) that a held command is in.
#ifndef LOCKSTEP_CHOLDER_GROUP_H
#define LOCKSTEP_CHOLDER_GROUP_H

#include <sys/types.h>

// Starts a program in a cgroup: its own session, default dispositions, an empty mask, only the
// descriptors 0, 1 and 2. Returns 0 or an error number. `is_refused` is set if the cgroup cannot be
// used; then nothing was started.
int group_spawn(
    const char *folder, const char *program, char **arguments, char **environment, pid_t *process,
    int *is_refused);

// Signals the processes of a cgroup that are not in this leader's session, which is signalled
// separately. KILL ends all of them at once if the kernel can. 0 for no signal. Returns how many
// living processes are in it; 0 for no cgroup (NULL).
int group_signal(const char *folder, pid_t session, int number);

#endif
