// The holder: a small process between us and a command that must not be run twice. It outlives us,
// keeps a lock as long as the command runs, enforces the command's timeout in our absence, and
// leaves a durable record of how the command ended.
#ifndef LOCKSTEP_CHOLDER_H
#define LOCKSTEP_CHOLDER_H

#include <stddef.h>
#include <stdint.h>

/// Becomes the holder, and never returns, where that is what the arguments ask for:
///
///   ME hold FOLDER NAME TIMEOUT GRACE NICE CGROUP PROGRAM ARGUMENT-0 [...]
///
/// FOLDER is where the record `NAME.held` is made; TIMEOUT is in nanoseconds, 0 for none, and so is
/// GRACE, the time between TERM and KILL; NICE is the priority; CGROUP is the folder of
/// the cgroup that the command is to be in, `-` for the holder's own; PROGRAM is executed with the
/// arguments from ARGUMENT-0 on, in the present folder, with descriptors 0, 1 and 2 as they are and
/// in a session of its own. Its environment is ours: each variable is to be given to the holder with
/// a `_` in front, which is taken off, so that the loader and libraries of the holder itself see
/// nothing that is meant for the command, such as LD_LIBRARY_PATH.
///
/// TERM is passed on to everything in the command's session and cgroup, and USR1 is KILL for it. A TERM that
/// is not heeded is followed by KILL after GRACE and a second.
///
/// The exit status is the command's, and a signal that ended the command ends the holder. Where no
/// record of this holder's was made, nothing was run and the exit status is the error number of what
/// failed: EEXIST where there is a record by that name.
void holder_take_over(int argc, char **argv);

/// Sees to it that no holder makes the record `NAME.held` any more, by making one, durably, that says
/// that the command was withdrawn; 0 or an error number, EEXIST where there is one by that name.
int holder_withdraw(const char *folder, const char *name);

/// How many bytes a record has, always.
enum { holder_record_size = 512 };

// What tells this boot of the machine, or of the container, from every other: the kernel's boot_id, and
// where it can be told `+` and the moment at which the first process started, in ticks since the kernel's
// boot. Without blanks, ended by a zero byte. Gives an error number, or 0.
enum { holder_boot_id_size = 64 };
int holder_boot_id(char id[holder_boot_id_size]);

/// The CRC-32 of ISO 3309 (as in gzip) of these bytes, which is the checksum in a record's lines.
uint32_t holder_checksum(const void *bytes, size_t count);

#endif
