#define _GNU_SOURCE
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

uint32_t holder_checksum(const void *bytes, size_t count) {
  const unsigned char *next = bytes;
  uint32_t sum = UINT32_MAX;
  for (; count > 0; count--) {
    sum ^= *next++;
    for (int bit = 0; bit < 8; bit++) sum = (sum >> 1) ^ (sum & 1 ? UINT32_C(0xEDB88320) : 0);
  }
  return ~sum;
}

int64_t record_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Adds a line to the text; a line without room is an error, ENAMETOOLONG.
__attribute__((format(printf, 2, 3)))
static int add_line(struct record *record, const char *format, ...) {
  char *line = record->text + record->used;
  // The last byte ends the last line.
  size_t room = sizeof record->text - 1 - record->used;
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, room, format, values);
  va_end(values);
  const size_t tail = sizeof " sum=00000000\n";
  if (length < 0 || (size_t)length + tail > room) {
    memset(line, ' ', room);
    return ENAMETOOLONG;
  }
  uint32_t sum = holder_checksum(record->text, record->used + (size_t)length);
  length += snprintf(line + length, tail, " sum=%08" PRIx32 "\n", sum);
  record->used += (size_t)length;
  line[length] = ' ';
  return 0;
}

// Writes a part of the text to its place in the file.
static int write_text(const struct record *record, size_t from, size_t to) {
  while (from < to) {
    ssize_t count = pwrite(record->file, record->text + from, to - from, (off_t)from);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : EIO;
    from += (size_t)count;
  }
  return 0;
}

// When the first process started, in ticks since the kernel's boot; -1 if unknown.
static long long first_process_start(void) {
  char text[1024];
  int file = open("/proc/1/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return -1;
  text[count] = 0;
  // Its name is in parentheses, and may contain any byte.
  char *field = strrchr(text, ')');
  for (int number = 2; field != NULL && number < 22; number++) field = strchr(field + 1, ' ');
  if (field == NULL || field[1] < '0' || field[1] > '9') return -1;
  return strtoll(field + 1, NULL, 10);
}

int holder_boot_id(char id[holder_boot_id_size]) {
  int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  ssize_t count = read(file, id, 36);
  close(file);
  if (count != 36) return EIO;
  id[36] = 0;
  // A restarted container has the same boot_id of the kernel, but another first process.
  long long start = first_process_start();
  if (start >= 0) snprintf(id + 36, holder_boot_id_size - 36, "+%lld", start);
  return 0;
}

static int sync_file(int file) {
  while (fsync(file) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// Locks, fills and publishes a file that is not visible yet, so that a reader finds the record
// locked and complete.
static int publish(struct record *record, int folder, const char *hidden, const char *name) {
  if (flock(record->file, LOCK_EX | LOCK_NB) != 0) return errno;
  int error = write_text(record, 0, sizeof record->text);
  if (error == 0) error = sync_file(record->file);
  if (error == 0 && linkat(folder, hidden, folder, name, 0) != 0) error = errno;
  if (error != 0) return error;
  error = sync_file(folder);
  if (error != 0) unlinkat(folder, name, 0);
  return error;
}

static int claim_in(struct record *record, int folder, const char *name, int is_withdrawn) {
  char path[128], hidden[128], boot[holder_boot_id_size];
  int length = snprintf(path, sizeof path, "%s.held", name);
  if (length < 0 || (size_t)length >= sizeof path) return ENAMETOOLONG;
  snprintf(hidden, sizeof hidden, ".claim-%ld", (long)getpid());
  int error = holder_boot_id(boot);
  if (error != 0) return error;
  error = add_line(
      record, "held 1 %s %s %ld %" PRId64, name, boot, (long)getpid(), record_now());
  // In one step with the claim: half of it would leave it unknown whether something was started.
  if (error == 0 && is_withdrawn) error = add_line(record, "end withdrawn 0");
  if (error != 0) return error;
  // A file of this name can only be from an earlier holder with our number that was killed.
  unlinkat(folder, hidden, 0);
  record->file = openat(folder, hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (record->file < 0) return errno;
  error = publish(record, folder, hidden, path);
  unlinkat(folder, hidden, 0);
  return error;
}

static int claim(struct record *record, const char *folder, const char *name, int is_withdrawn) {
  memset(record->text, ' ', sizeof record->text);
  record->text[sizeof record->text - 1] = '\n';
  record->used = 0;
  record->file = -1;
  if (*name == 0 || *name == '.' || strpbrk(name, "/ \n") != NULL) return EINVAL;
  int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return errno;
  int error = claim_in(record, opened, name, is_withdrawn);
  close(opened);
  return error;
}

int record_claim(struct record *record, const char *folder, const char *name) {
  return claim(record, folder, name, 0);
}

int holder_withdraw(const char *folder, const char *name) {
  struct record record;
  int error = claim(&record, folder, name, 1);
  if (record.file >= 0) close(record.file);
  return error;
}

void record_command(struct record *record, pid_t command) {
  size_t before = record->used;
  if (add_line(record, "command %ld %" PRId64, (long)command, record_now()) != 0) return;
  write_text(record, before, record->used);
}

void record_end(struct record *record, const char *how, int number, int by_timeout) {
  size_t before = record->used;
  if (add_line(record, "end %s %d%s", how, number, by_timeout ? " timeout" : "") != 0) return;
  write_text(record, before, record->used);
  sync_file(record->file);
}
