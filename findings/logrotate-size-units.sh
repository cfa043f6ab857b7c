#!/bin/bash
# logrotate accepts a size in k, K, M or G, and no other letters. "50MB" and "50m" look as if they meant the same,
# but logrotate reports an error, skips the whole section, and never rotates its logs. In a BOSH deployment
# the text comes from the property logging.max_log_file_size, unchecked.
#
# Expected: a size with an unknown unit counts as bytes, or is an error that everybody sees.
# Seen: exit status 1 of a program that cron runs, one line of error, and logs that grow until the
# disk is full.
set -euo pipefail
version=3.21.0-1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "logrotate=$version" > /dev/null 2> download.log || { cat download.log; exit 1; }
dpkg -x logrotate_*.deb package
logrotate=package/usr/sbin/logrotate
$logrotate --version 2>&1 | head -n 1

failed=0
# try SIZE EXPECTED: whether logrotate rotates a log of 2000 bytes, which is more than every SIZE here.
try() {
  rm -rf logs && mkdir -m 0755 logs
  head -c 2000 /dev/zero > logs/a.log
  printf '%s/logs/a.log {\n  copytruncate\n  rotate 7\n  size %s\n}\n' "$folder" "$1" > rotate.conf
  chmod 0644 rotate.conf
  local status=0 words seen=kept
  words=$($logrotate -s "$folder/state" rotate.conf 2>&1) || status=$?
  if [ -e logs/a.log.1 ]; then seen=rotated; fi
  echo "size $1: $seen, exit status $status${words:+, says: $(head -n 1 <<< "$words")}"
  if [ "$seen" != "$2" ]; then
    echo "  this has changed: it was $2"
    failed=1
  fi
}
try 1000 rotated
try 1k rotated
try 1K rotated
try 1kB kept
try 0M rotated
try 0m kept
try 0MB kept
exit $failed
