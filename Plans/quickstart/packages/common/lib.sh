# What the scripts of the three release jobs share; each of them sources it first. POSIX sh.

# The VM root and the release job, both by the place of the script that sources this. Everything
# below is found from there, so a copy of the whole folder works wherever it lies.
root=$(cd "$(dirname "$0")/../../.." && pwd -P)
release_job=$(cd "$(dirname "$0")/.." && pwd)
release_job=${release_job##*/}

data=$root/data/$release_job
log=$root/sys/log/$release_job
run=$root/sys/run/$release_job
pidfile=$run/$release_job.pid
daemon=$root/jobs/$release_job/bin/daemon

# The store's folders, where the three meet.
spool=$root/data/store

# say WORD...: a line with the time of day.
say() { echo "$(date +%H:%M:%S) $*"; }

# fail WORD...: the same on stderr, and the script has failed.
fail() {
  say "$*" >&2
  exit 1
}

# count FOLDER: how many files lie in it, hidden ones aside.
count() {
  files=0
  for file in "$1"/*; do
    if [ -f "$file" ]; then files=$((files + 1)); fi
  done
  echo "$files"
}

# eventually SECONDS COMMAND...: asks once a second until COMMAND succeeds; fails when it never did.
eventually() {
  left=$1
  shift
  until "$@"; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 1
  done
}

# running: whether the pid file names our daemon, and `pid` is its number. A file that was left
# behind does not count, whoever has the number now; nor does a daemon that nobody has reaped yet.
running() {
  pid=$(cat "$pidfile" 2>/dev/null) || return 1
  case $(cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' ') in
    *" $daemon ") return 0 ;;
    *) return 1 ;;
  esac
}

gone() { ! running; }

# start_daemon: starts it unless it runs. It needs nothing from a pre-start but the data on disk:
# after a reboot the folder of the pid file is empty, and only monit brings processes up.
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

# stop_daemon: asks it to end, gives it ten seconds, then ends it. Nothing to do is a success.
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

# The next four are for daemons, which go round once a second until somebody stops them.

# until_stopped: a TERM lets the present round end; the loop asks `stopping`.
until_stopped() {
  stopping=
  trap 'stopping=yes' TERM
}

# heartbeat: says that a round is over.
heartbeat() { echo "$$" >"$run/heartbeat"; }

# pause: a second, or less when a TERM arrives. A shell sees a signal only when the command in the
# foreground ends, but `wait` comes back at once.
pause() {
  sleep 1 &
  wait "$!" || kill "$!" 2>/dev/null || :
}

# beats: for a post-start: whether the daemon has gone round since it was asked for the first time.
beats() { running && [ "$(cat "$run/heartbeat" 2>/dev/null)" = "$pid" ]; }
