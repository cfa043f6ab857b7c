// The record of one command: a file `NAME.held` of a fixed size, in lines of text.
//
//   held 1 NAME BOOT PID NANOSECONDS sum=XXXXXXXX         the holder, and when it began
//   command PID NANOSECONDS sum=XXXXXXXX                  the command, and when it had been started
//   end exited|signalled|failed|withdrawn NUMBER [timeout] sum=XXXXXXXX
//
// Moments are on CLOCK_BOOTTIME. `failed` has the error number for which the command could not be
// started; where it is `withdrawn` nothing was started, and the number is 0. Each checksum is of all that stands before it in the file. The rest of the file is
// blank: the space for the end is taken before the command starts, so that a disk that is full by
// then cannot keep the end from being written. The holder keeps the file locked with flock(2).
#ifndef LOCKSTEP_HOLDER_RECORD_H
#define LOCKSTEP_HOLDER_RECORD_H

#include "CHolder.h"

#include <sys/types.h>

struct record {
  int file;
  size_t used;
  char text[holder_record_size];
};

/// Makes the record durably, locked and with its first line; 0 or an error number, EEXIST where
/// there is one by that name. After an error there is none of ours.
int record_claim(struct record *record, const char *folder, const char *name);

/// Adds which process the command is. It need not be durable: what ends the machine ends that too.
void record_command(struct record *record, pid_t command);

/// Adds the end, durably. An error is not told, because there is nothing left to be done about it;
/// without a readable end how the command ended is unknown.
void record_end(struct record *record, const char *how, int number, int by_timeout);

/// The present moment on CLOCK_BOOTTIME, in nanoseconds.
int64_t record_now(void);

#endif
