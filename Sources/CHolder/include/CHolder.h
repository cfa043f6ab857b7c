// The holder: a small process between us and a command that must not be run twice. It outlives us,
// keeps a lock as long as the command runs, enforces the command's timeout in our absence, and
// leaves a durable record of how the command ended.
#ifndef LOCKSTEP_CHOLDER_H
#define LOCKSTEP_CHOLDER_H

#include <stddef.h>
#include <stdint.h>

/// Becomes the holder, and never returns, if the arguments request that:
///
///   ME hold FOLDER NAME TIMEOUT GRACE NICE CGROUP PROGRAM ARGUMENT-0 [...]
///
/// FOLDER is where the record `NAME.held` is created. TIMEOUT is in nanoseconds, 0 for none, and so
/// is GRACE, the time between TERM and KILL. NICE is the priority. CGROUP is the folder of the
/// cgroup for the command, `-` for the holder's own. PROGRAM is executed with the arguments from
/// ARGUMENT-0 on, in the current folder, with descriptors 0, 1 and 2 as they are and in its own
/// session. Its environment is the holder's: each variable must be given to the holder with a `_`
/// in front, which is removed, so that the holder's own loader and libraries do not see what is
/// meant for the command, such as LD_LIBRARY_PATH.
///
/// TERM is passed on to everything in the command's session and cgroup, and USR1 kills it. If TERM
/// has no effect, KILL follows after GRACE and a second.
///
/// The exit status is the command's, and a signal that ended the command ends the holder. If this
/// holder created no record, nothing was run and the exit status is the error number of what
/// failed: EEXIST if a record of that name exists.
void holder_take_over(int argc, char **argv);

/// Makes sure that no holder creates the record `NAME.held` any more, by durably creating one that
/// says that the command was withdrawn. Returns 0 or an error number, EEXIST if one of that name
/// exists.
int holder_withdraw(const char *folder, const char *name);

/// The fixed size of a record, in bytes.
enum { holder_record_size = 512 };

// What distinguishes this boot of the machine or container from every other: the kernel's boot_id
// and, if known, `+` and the moment at which the first process started, in ticks since the kernel's
// boot. Without blanks, ended by a zero byte. Returns an error number, or 0.
enum { holder_boot_id_size = 64 };
int holder_boot_id(char id[holder_boot_id_size]);

/// The CRC-32 of ISO 3309 (as in gzip) of these bytes, which is the checksum in a record's lines.
uint32_t holder_checksum(const void *bytes, size_t count);

#endif
