#!/bin/bash
# monit's XML field <monitor> looks like a state (0 not monitored, 1 monitored, 2 initializing), but it is a set of
# bits. A healthy service with `every 3 cycles` alternates between 1 and 5. A service with `every "CRON"` is 6 until
# its time comes, and has no pid although its process runs. A program that compares with 1 never sees it run.
# The XML document says ISO-8859-1, but its names are the bytes of the control file, here UTF-8.
# Debian 12, monit 1:5.33.0-1; seen: "every: 1 5", "cron: 6, pid no", "name: 77c3a462" (wäb).
set -eu; work=$(mktemp -d) && cd "$work"
trap 'kill $(cat web.pid cron.pid w3.pid monit.pid 2>/dev/null) 2>/dev/null || :; rm -rf "$work"' EXIT
apt-get download -qq monit=1:5.33.0-1 >/dev/null 2>&1
dpkg -x monit_*.deb root
monit=$work/root/usr/bin/monit
"$monit" -V | head -1
port=$((20000 + $$ % 20000))
for name in web cron w3; do
  printf '#!/bin/bash\nsetsid bash -c "echo \\$\\$ >%s/%s.pid; exec sleep 300" </dev/null >/dev/null 2>&1 &\n' \
    "$work" "$name" >"start-$name"
  chmod 755 "start-$name"
done
cat >rc <<RC
set daemon 1
set onreboot nostart
set log $work/log
set pidfile $work/monit.pid
set idfile $work/id
set statefile $work/state
set httpd port $port and use address 127.0.0.1 allow user:pass1
check process web with pidfile $work/web.pid
  start program = "$work/start-web" with timeout 5 seconds
  every 3 cycles
check process cron with pidfile $work/cron.pid
  start program = "$work/start-cron" with timeout 5 seconds
  every "0 0 29 2 *"
check process wäb with pidfile $work/w3.pid
  start program = "$work/start-w3" with timeout 5 seconds
RC
chmod 600 rc
"$monit" -c rc >/dev/null
status() { curl -s --max-time 5 -u user:pass1 "http://127.0.0.1:$port/_status2?format=xml" | tr -d '\n'; }
service() { status | sed 's/<service name/\n&/g' | grep -a "^<service name=\"$1\""; }
field() { service "$1" | sed -n "s/.*<$2>\([0-9]*\)<.*/\1/p"; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }
try() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "not seen: $*" >&2; exit 1; }
try service web
for name in web cron; do
  curl -s -o /dev/null -u user:pass1 -b securitytoken=x -d 'securitytoken=x&action=start' \
    "http://127.0.0.1:$port/$name"
done
for name in web cron; do try test -s $name.pid; done
try is web pid "$(cat web.pid)"
for bits in 5 1 5; do try is web monitor $bits; done
echo 'every: 1 5'
try is cron monitor 6
kill -0 "$(cat cron.pid)"
[ -z "$(field cron pid)" ]
echo 'cron: 6, pid no'
status | head -c 60 | grep -q ISO-8859-1
name=$(status | grep -a -o 'service name="w[^e][^"]*' | sed 's/.*"//' | tr -d '\n' | od -An -tx1 | tr -d ' \n')
echo "name: $name" && [ "$name" = 77c3a462 ]
