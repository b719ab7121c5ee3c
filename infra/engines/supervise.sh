#!/bin/sh
# supervise.sh SECONDS PIDFILE COMMAND [ARGUMENT...]
#
# Runs COMMAND until it ends by itself or standard input ends. Whoever starts this keeps the other end of that pipe:
# the kernel closes it even after kill -9, so no engine outlives its parent. COMMAND then gets SIGTERM, and SIGKILL
# after SECONDS. PIDFILE holds the process id while COMMAND runs. Exits with the code of COMMAND.
#
# The watcher is a process of its own: killing this shell does not orphan COMMAND either.
grace=$1
pidfile=$2
shift 2

exec 3<&0
"$@" 3<&- </dev/null &
child=$!
echo "$child" >"$pidfile"

# A terminal's Ctrl-C is for the parent, which stops the engines in order.
trap '' HUP INT TERM

(
  cat <&3 >/dev/null
  kill -TERM "$child" 2>/dev/null
  waited=0
  while kill -0 "$child" 2>/dev/null; do
    if [ "$waited" -ge "$grace" ]; then
      kill -KILL "$child" 2>/dev/null
      break
    fi
    waited=$((waited + 1))
    sleep 1
  done
  rm -f "$pidfile"
) >/dev/null 2>&1 &
exec 3<&-

wait "$child"
code=$?
rm -f "$pidfile"
exit "$code"
