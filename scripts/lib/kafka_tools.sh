# shellcheck shell=bash disable=SC2154  # shares names with scripts/kafka
# Kafka's console tools, under their usual names without the prefix "kafka-".

declare -A tool_classes=(
  [acls]=org.apache.kafka.tools.AclCommand
  [broker-api-versions]=org.apache.kafka.tools.BrokerApiVersionsCommand
  [configs]=kafka.admin.ConfigCommand
  [console-consumer]=org.apache.kafka.tools.consumer.ConsoleConsumer
  [console-producer]=org.apache.kafka.tools.ConsoleProducer
  [consumer-groups]=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand
  [consumer-perf-test]=org.apache.kafka.tools.ConsumerPerformance
  [delete-records]=org.apache.kafka.tools.DeleteRecordsCommand
  [dump-log]=kafka.tools.DumpLogSegments
  [features]=org.apache.kafka.tools.FeatureCommand
  [get-offsets]=org.apache.kafka.tools.GetOffsetShell
  [groups]=org.apache.kafka.tools.GroupsCommand
  [leader-election]=org.apache.kafka.tools.LeaderElectionCommand
  [metadata-quorum]=org.apache.kafka.tools.MetadataQuorumCommand
  [producer-perf-test]=org.apache.kafka.tools.ProducerPerformance
  [storage]=kafka.tools.StorageTool
  [topics]=org.apache.kafka.tools.TopicCommand
  [transactions]=org.apache.kafka.tools.TransactionsCommand
)

is_tool() { [[ -n ${tool_classes[$1]:-} ]]; }

tool_names() { printf '%s\n' "${!tool_classes[@]}" | sort; }

# Replaces this process by the tool.
# run_tool NAME ARGUMENT...
run_tool() {
  local name=$1 arguments=() archive
  shift
  case $name in
    # These work on files, or take their servers in another way.
    dump-log | storage | producer-perf-test) ;;
    *) has_option --bootstrap "$@" || arguments+=(--bootstrap-server "$(tool_address)") ;;
  esac
  # Its own default also shows what was aborted, and what may still be.
  if [[ $name == console-consumer ]] && ! has_option --isolation-level "$@"; then
    arguments+=(--isolation-level read_committed)
  fi
  archive=$(class_archive)
  local shared=()
  [[ -f $archive ]] && shared=(-XX:SharedArchiveFile="$archive" -Xshare:auto)
  run_java -Xmx256m "${kafka_quick_jvm[@]}" "${shared[@]}" -Xlog:disable -Xlog:all=error:stderr \
    "${tool_classes[$name]}" "${arguments[@]}" "$@"
}

# has_option PREFIX ARGUMENT...
has_option() {
  local prefix=$1 argument
  shift
  for argument in "$@"; do
    [[ $argument == "$prefix"* ]] && return 0
  done
  return 1
}

# link_tools FOLDER: kafka-topics, kafka-topics.sh and so on, each a link to this script.
link_tools() {
  local name
  mkdir -p "$1"
  while read -r name; do
    ln -sfn "$root/scripts/kafka" "$1/kafka-$name"
    ln -sfn "$root/scripts/kafka" "$1/kafka-$name.sh"
  done < <(tool_names)
}
