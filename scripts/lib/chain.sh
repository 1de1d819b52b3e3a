# shellcheck shell=bash disable=SC2154  # root and state_dir come from the script that reads this
# The chain of services on this machine: start, look, stop. One folder holds the
# process ids and the log of each service.

chain_dir=$state_dir/chain
bin_dir=$root/build/release/bin

# start_service NAME [OPTIONS...]: in the background, its log in the chain's folder.
start_service() {
  local name=$1
  shift
  mkdir -p "$chain_dir"
  setsid nohup "$bin_dir/$name" "$@" </dev/null >"$chain_dir/$name.out" 2>"$chain_dir/$name.log" &
  echo $! >"$chain_dir/$name.pid"
}

# service_pid NAME: prints it if the service runs.
service_pid() {
  local pid
  pid=$(cat "$chain_dir/$1.pid" 2>/dev/null) || return 1
  # A process id may be somebody else's by now.
  grep -qsF "$bin_dir/$1" "/proc/$pid/cmdline" || return 1
  echo "$pid"
}

# stop_services NAME...: asks all, then waits; whoever does not listen is killed.
stop_services() {
  local name pid waited
  for name in "$@"; do
    if pid=$(service_pid "$name"); then kill -TERM "$pid" 2>/dev/null || true; fi
  done
  for name in "$@"; do
    for ((waited = 0; waited < 200; waited++)); do
      pid=$(service_pid "$name") || break
      sleep 0.1
    done
    if pid=$(service_pid "$name"); then
      say "$name does not stop: killed (log: $chain_dir/$name.log)"
      kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$chain_dir/$name.pid"
  done
}

# wait_ready NAME PORT: until /readyz says yes, with a limit.
wait_ready() {
  local waited
  for ((waited = 0; waited < 300; waited++)); do
    service_pid "$1" >/dev/null || die "$1 has stopped: $(tail -n 3 "$chain_dir/$1.log")"
    if python3 - "$2" <<'PY' 2>/dev/null
import sys, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/readyz", timeout=1)
PY
    then
      return 0
    fi
    sleep 0.1
  done
  die "$1 is not ready after 30 s: $(tail -n 3 "$chain_dir/$1.log")"
}

# count TOPIC: committed records.
count() { "$bin_dir/rookeryctl" count "$1" | awk 'END {print $2}'; }

# committed_dead_letters SERVICE
committed_dead_letters() {
  "$bin_dir/rookeryctl" tail dead_letters --from-beginning --until-end 2>/dev/null |
    grep -c "^{\"service\":\"$1\"" || true
}
