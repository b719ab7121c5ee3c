#!/bin/sh
# supervise.sh SECONDS PIDFILE COMMAND [ARGUMENT...]
#
# Runs COMMAND until it ends by itself or standard input ends. Whoever starts this keeps the other end of that pipe:
# the kernel closes it even after kill -9, so no engine outlives its parent. COMMAND then gets SIGTERM, and SIGKILL
# after SECONDS. While COMMAND runs PIDFILE holds two lines, its process id and that of the parent. Exits with the code
# of COMMAND.
#
# The watcher is a process of its own: killing this shell does not orphan COMMAND either.

stop_when_input_ends() {
  cat >/dev/null
  kill -TERM "$child" 2>/dev/null
  checks=$((grace * 5))
  while kill -0 "$child" 2>/dev/null; do
    if [ "$checks" -le 0 ]; then
      kill -KILL "$child" 2>/dev/null
      break
    fi
    checks=$((checks - 1))
    sleep 0.2
  done
  forget_child
}

# A successor may have written its own id by now.
forget_child() {
  if [ "$(head -n 1 "$pidfile" 2>/dev/null)" = "$child" ]; then
    rm -f "$pidfile"
  fi
}

main() {
  grace=$1
  pidfile=$2
  shift 2
  exec 3<&0 </dev/null
  "$@" 3<&- &
  child=$!
  printf '%s\n%s\n' "$child" "$PPID" >"$pidfile"
  stop_when_input_ends <&3 3<&- >/dev/null 2>&1 &
  watcher=$!
  exec 3<&-
  wait "$child"
  code=$?
  kill -KILL "$watcher" 2>/dev/null
  forget_child
  exit "$code"
}

# In a function, so that the shell has read all of it before an update changes this file.
main "$@"
