// The record of one command: a file `NAME.held` of a fixed size, in lines of text.
//
//   held 1 NAME BOOT PID NANOSECONDS sum=XXXXXXXX         the holder, and when it began
//   command PID NANOSECONDS sum=XXXXXXXX                  the command, and when it had been started
//   end exited|signalled|failed|withdrawn NUMBER [timeout] sum=XXXXXXXX
//
// Moments are on CLOCK_BOOTTIME. `failed` has the error number of starting the command. With
// `withdrawn` nothing was started, and the number is 0. Each checksum covers everything before it
// in the file. The rest of the file is blank: the space for the end is reserved before the command
// starts, so that the end can be written even if the disk is full by then. The holder keeps the
// file locked with flock(2).
#ifndef LOCKSTEP_HOLDER_RECORD_H
#define LOCKSTEP_HOLDER_RECORD_H

#include "CHolder.h"

#include <sys/types.h>

struct record {
  int file;
  size_t used;
  char text[holder_record_size];
};

/// Creates the record durably, locked and with its first line. Returns 0 or an error number, EEXIST
/// if one of that name exists. After an error there is no record of ours.
int record_claim(struct record *record, const char *folder, const char *name);

/// Adds the command's process. This need not be durable: whatever ends the machine ends the
/// process, too.
void record_command(struct record *record, pid_t command);

/// Adds the end, durably. An error is not reported, because nothing can be done about it; without a
/// readable end it is unknown how the command ended.
void record_end(struct record *record, const char *how, int number, int by_timeout);

/// The current moment on CLOCK_BOOTTIME, in nanoseconds.
int64_t record_now(void);

#endif
