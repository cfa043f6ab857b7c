# Functions for the scripts of the three release jobs. Each script sources this first. POSIX sh.

# The VM root and the release job, found from the path of the script that sources this. All other
# paths start there, so a copy of the whole folder works anywhere.
root=$(cd "$(dirname "$0")/../../.." && pwd -P)
release_job=$(cd "$(dirname "$0")/.." && pwd)
release_job=${release_job##*/}

data=$root/data/$release_job
log=$root/sys/log/$release_job
run=$root/sys/run/$release_job
pidfile=$run/$release_job.pid
daemon=$root/jobs/$release_job/bin/daemon

# The store's folders, which all three share.
spool=$root/data/store

# say WORD...: prints a line with the time of day.
say() { echo "$(date +%H:%M:%S) $*"; }

# fail WORD...: prints the same to stderr and ends the script with a failure.
fail() {
  say "$*" >&2
  exit 1
}

# count FOLDER: prints the number of files in it, without hidden ones.
count() {
  files=0
  for file in "$1"/*; do
    if [ -f "$file" ]; then files=$((files + 1)); fi
  done
  echo "$files"
}

# eventually SECONDS COMMAND...: tries once a second until COMMAND succeeds; fails if it never does.
eventually() {
  left=$1
  shift
  until "$@"; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 1
  done
}

# running: succeeds if the pid file names our daemon, and sets `pid`. It fails for a stale pid file,
# even if another process has the number now, and for a daemon that was not reaped yet.
running() {
  pid=$(cat "$pidfile" 2>/dev/null) || return 1
  case $(cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' ') in
    *" $daemon ") return 0 ;;
    *) return 1 ;;
  esac
}

gone() { ! running; }

# start_daemon: starts the daemon unless it runs. From a pre-start it needs only the data on disk:
# after a reboot the folder of the pid file is empty, and monit alone starts processes.
start_daemon() {
  mkdir -p "$data" "$log" "$run"
  if running; then
    say "$release_job runs already: process $pid"
    return
  fi
  rm -f "$run/heartbeat"
  "$daemon" </dev/null >>"$log/$release_job.log" 2>&1 &
  echo "$!" >"$pidfile"
  say "$release_job started: process $!"
}

# stop_daemon: asks the daemon to end and kills it after ten seconds. Succeeds if none runs.
stop_daemon() {
  if running; then
    kill "$pid" 2>/dev/null || :
    if eventually 10 gone; then
      say "$release_job stopped"
    else
      kill -9 "$pid" 2>/dev/null || :
      say "$release_job did not stop and was killed"
    fi
  else
    say "$release_job does not run"
  fi
  rm -f "$pidfile" "$run/heartbeat"
}

# The next four are for daemons. A daemon does one round each second until it is stopped.

# until_stopped: after a TERM, the current round still ends; the loop checks `stopping`.
until_stopped() {
  stopping=
  trap 'stopping=yes' TERM
}

# heartbeat: records that a round is over.
heartbeat() { echo "$$" >"$run/heartbeat"; }

# pause: waits for a second, or until a TERM arrives. A shell handles a signal only when the command
# in the foreground ends, but `wait` returns at once.
pause() {
  sleep 1 &
  wait "$!" || kill "$!" 2>/dev/null || :
}

# beats: for a post-start: succeeds if the daemon has done a round since the first call.
beats() { running && [ "$(cat "$run/heartbeat" 2>/dev/null)" = "$pid" ]; }
