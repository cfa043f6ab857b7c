#ifndef BARE_LOOP_H
#define BARE_LOOP_H

/// Runs `ROOT/jobs/NAME/bin/pre-start` for each of `count` names, at most `parallel` at a time. It
/// starts each script as a BOSH agent does and does nothing else, so it shows what the machine itself
/// costs.
///
/// Each script has its own process group (and its own session if `sessions` is not 0), an empty signal
/// mask, default dispositions, a lower priority, and /dev/null as its stdin. Its stdout and stderr are
/// appended to `ROOT/sys/log/NAME/pre-start.{stdout,stderr}.log`, which are made if they are missing.
///
/// Returns 0 or an errno; `ECHILD` if a script did not exit with 0.
int bare_loop(const char *root, const char *const *names, int count, int parallel, int sessions);

#endif
