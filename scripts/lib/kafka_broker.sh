# shellcheck shell=bash disable=SC2034,SC2154  # shares names with scripts/kafka
# One broker: start, stop, kill. All it owns is in $dir:
#   port, pid, server.properties, broker.log (of this start; .1 of the one before), data/

# JVM options of the broker; --throughput replaces them.
broker_jvm=(-Xmx128m "${kafka_quick_jvm[@]}")
# The fast compiler alone wins for seconds and loses for minutes. One thread that collects stops
# the broker for 25 to 50 ms every few seconds, two for 5 to 15.
throughput_jvm=(-Xmx512m -XX:+UseParallelGC)

ready_seconds_max=60
stop_seconds_max=30

broker_address() { echo "127.0.0.1:$port"; }

# Prints the pid, if the broker of $dir runs. The file alone proves nothing:
# after a SIGKILL it stays, and its number may belong to another process.
broker_pid() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "kafka.Kafka $dir/server.properties" || return 1
  echo "$pid"
}

accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the kernel's own range, from which outgoing connections take theirs.
free_port() {
  local candidate attempts=100
  while ((attempts--)); do
    candidate=$((20000 + RANDOM % 6000 * 2))
    accepts "$candidate" || accepts "$((candidate + 1))" || {
      echo "$candidate"
      return
    }
  done
  die "no free pair of ports found"
}

# start_broker JVM_OPTION...
start_broker() {
  local pid attempts=5 any_port=no
  mkdir -p "$dir"
  exec 8>"$dir/lock"
  flock -n 8 || die "another start in $dir is under way"
  if pid=$(broker_pid); then
    die "already running: pid $pid, $dir (scripts/kafka stop ends it)"
  fi
  [[ $port == 0 ]] && any_port=yes && port=$(free_port)
  refuse_used_ports
  mkdir -p "$dir/data"
  [[ -f $dir/data/meta.properties ]] || tar xzf "$kafka_template" --no-same-owner -C "$dir"

  local began=$EPOCHREALTIME
  until launch_broker "$@" && wait_until_ready; do
    # Somebody took the port between the look and the start.
    if [[ $any_port == yes ]] && ((attempts--)) && grep -q 'Address already in use' "$dir/broker.log"; then
      port=$(free_port)
      continue
    fi
    tail -n 15 "$dir/broker.log" >&2
    die "the broker did not start; its log is $dir/broker.log"
  done
  exec 8>&-
  say "ready after $(((${EPOCHREALTIME//[!0-9]/} - ${began//[!0-9]/}) / 1000)) ms: pid $(cat "$dir/pid"), $dir"
}

refuse_used_ports() {
  local used
  for used in "$port" "$((port + 1))"; do
    accepts "$used" || continue
    die "port $used is taken by another program$(port_owner "$used") (the broker needs two: $port and $((port + 1)))"
  done
}

# Says which process listens, as far as we may see it.
port_owner() {
  local pid
  for pid in $(pgrep -f 'kafka\.Kafka ' 2>/dev/null || true); do
    if grep -qs "^listeners=.*:$1\b" "$(tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | tail -n 1)"; then
      echo ": a Kafka with pid $pid"
      return
    fi
  done
}

launch_broker() {
  write_server_properties "$dir/server.properties" "$port" "$dir/data"
  [[ -f $dir/broker.log ]] && mv "$dir/broker.log" "$dir/broker.log.1"
  # A session of its own, and none of the caller's files: the broker outlives
  # the terminal, and a caller that reads our output sees its end.
  (
    close_inherited_files
    cd "$dir" || exit
    exec </dev/null >"$dir/broker.log" 2>&1
    export CLASSPATH
    CLASSPATH=$(kafka_classpath)
    exec setsid nohup java "$@" -XX:+ExitOnOutOfMemoryError \
      -Dlog4j2.configurationFile="$kafka_deploy/log4j2.properties" \
      kafka.Kafka "$dir/server.properties"
  ) &
  echo $! >"$dir/pid"
  echo "$port" >"$dir/port"
}

close_inherited_files() {
  local file
  for file in "/proc/$BASHPID/fd"/*; do
    file=${file##*/}
    # 255 is bash's own, and closes by itself.
    ((file <= 2 || file == 255)) || eval "exec $file>&-"
  done
}

# Ready means that the broker is a member of its own cluster, which it says in the metadata.
wait_until_ready() {
  local deadline=$((SECONDS + ready_seconds_max)) pid
  pid=$(cat "$dir/pid")
  until accepts "$port" && answers_metadata "$(broker_address)"; do
    kill -0 "$pid" 2>/dev/null || return 1
    if ((SECONDS >= deadline)); then
      kill -KILL "$pid" 2>/dev/null || true
      say "no answer within $ready_seconds_max s"
      return 1
    fi
    sleep 0.05
  done
}

answers_metadata() {
  # Without kcat an open port has to do: the same moment, except that after a
  # SIGKILL the port opens some seconds before the broker is let in again.
  have kcat || return 0
  kcat -L -b "$1" -m 5 2>/dev/null </dev/null | grep -qE '^ *[1-9][0-9]* brokers:'
}

# end_broker SIGNAL: returns when the process is gone.
end_broker() {
  local pid deadline=$((SECONDS + stop_seconds_max))
  if ! pid=$(broker_pid); then
    rm -f "$dir/pid"
    say "not running: $dir"
    return 0
  fi
  kill "-$1" "$pid"
  while broker_pid >/dev/null; do
    if ((SECONDS >= deadline)); then
      say "still there after $stop_seconds_max s, killing it: pid $pid"
      kill -KILL "$pid" 2>/dev/null || true
      deadline=$((SECONDS + stop_seconds_max))
    fi
    sleep 0.05
  done
  rm -f "$dir/pid"
  say "stopped: pid $pid"
}

wipe_broker() { rm -rf "$dir/data" "$dir"/broker.log*; }

# warm_up DIR ARCHIVE: a broker that loads the classes of everyday work and
# writes them to ARCHIVE when it ends. Runs in a subshell of its own.
warm_up() {
  dir=$1 port=0
  start_broker "${broker_jvm[@]}" -XX:ArchiveClassesAtExit="$2" || return 1
  (run_tool topics --bootstrap-server "$(broker_address)" --create --topic warm_up) || true
  if have kcat; then
    echo record | kcat -P -b "$(broker_address)" -t warm_up || true
    # A group, a transaction: their coordinators are large.
    echo record | kcat -P -b "$(broker_address)" -t warm_up -X transactional.id=warm_up || true
    timeout 15 kcat -b "$(broker_address)" -X auto.offset.reset=earliest -G warm_up -c 1 warm_up || true
  fi
  end_broker TERM
  [[ -s $2 ]]
}
