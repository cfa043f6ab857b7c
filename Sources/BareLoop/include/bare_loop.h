#ifndef BARE_LOOP_H
#define BARE_LOOP_H

/// Runs `ROOT/jobs/NAME/bin/pre-start` for each of `count` names, at most `parallel` at a time, the
/// way a BOSH agent runs a script and with nothing else around it: what the machine itself costs.
///
/// Each has its own process group, and a session too where `sessions` is not 0, an empty signal
/// mask, default dispositions, a lower priority, /dev/null as its stdin, and as stdout and stderr
/// the files `ROOT/sys/log/NAME/pre-start.{stdout,stderr}.log`, made where they are missing and
/// appended to.
///
/// Returns 0, or an errno; `ECHILD` where a script did not exit with 0.
int bare_loop(const char *root, const char *const *names, int count, int parallel, int sessions);

#endif
