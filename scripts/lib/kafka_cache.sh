# shellcheck shell=bash disable=SC2154  # shares names with scripts/kafka
# What a broker needs and no broker changes: Kafka's jars, a formatted data
# folder, and the JVM's class archive. Made once, kept in the cache.

kafka_cache=$cache_dir/kafka
kafka_deploy=$root/deploy/kafka
kafka_libs=$kafka_cache/libs
kafka_template=$kafka_cache/template.tgz
# The cluster's id only has to be some 22 characters of base64.
kafka_cluster_id=cm9va2VyeS1sb2NhbC0tMQ

# JVM options of a small process with a quick start.
kafka_quick_jvm=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1)

# Sorted and explicit: the class archive is tied to this very string.
# It goes through the environment, which keeps `ps` readable.
kafka_classpath() {
  printf '%s\n' "$kafka_libs"/*.jar | LC_ALL=C sort | paste -sd:
}

# run_java ARGUMENT...
run_java() {
  CLASSPATH=$(kafka_classpath) exec java \
    -Dlog4j2.configurationFile="$kafka_deploy/log4j2.properties" "$@"
}

fetch_kafka() {
  have java || die "Java is missing: run scripts/setup first"
  mkdir -p "$kafka_cache"
  # Everything below is made under one lock, by whoever comes first. The
  # subshell's end gives the lock back.
  (
    flock 9
    fetch_jars
    make_template
    make_class_archive
  ) 9>"$kafka_cache/lock"
}

fetch_jars() {
  # The list of jars stands beside them: a new version in it is a reason to fetch again.
  cmp -s "$kafka_deploy/pom.xml" "$kafka_libs/pom.xml" && return 0
  need_command mvn maven
  say "fetching Kafka (54 MB)"
  local new=$kafka_cache/libs.new
  rm -rf "$new" && mkdir -p "$new"
  quietly "$kafka_cache/maven.log" mvn -B -ntp -f "$kafka_deploy/pom.xml" \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$new" ||
    die "Kafka's jars cannot be fetched"
  cp "$kafka_deploy/pom.xml" "$new/"
  rm -rf "$kafka_libs" "$kafka_template" && mv -T "$new" "$kafka_libs"
}

# write_server_properties FILE PORT DATA
write_server_properties() {
  sed -e "s|@PORT@|$2|g" -e "s|@CONTROLLER_PORT@|$(($2 + 1))|g" -e "s|@DATA@|$3|g" \
    "$kafka_deploy/server.properties" >"$1"
}

# Formatting takes longer than starting, and gives the same few hundred bytes each time.
make_template() {
  [[ -f $kafka_template ]] && return 0
  local work
  work=$(mktemp -d "$kafka_cache/format.XXXXXX")
  write_server_properties "$work/server.properties" 9092 "$work/data"
  (run_java "${kafka_quick_jvm[@]}" kafka.tools.StorageTool format \
    -t "$kafka_cluster_id" -c "$work/server.properties") >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    die "the data folder cannot be formatted"
  }
  tar czf "$work/template.tgz" -C "$work" data
  mv "$work/template.tgz" "$kafka_template"
  rm -rf "$work"
}

# The name holds what the archive depends on: the JDK's build, and the jars
# with their sizes and times. A new JDK makes a new archive.
class_archive() {
  local key
  key=$({
    java -Xshare:auto -XX:TieredStopAtLevel=1 -version 2>&1
    stat -c '%n %s %Y' "$kafka_libs"/*.jar
  } | sha256sum | cut -c1-16)
  echo "$kafka_cache/classes-$key.jsa"
}

# Halves the time to a running broker. Made by a broker that does a bit of
# everything on a port of its own; failing here only costs the speed.
make_class_archive() {
  local archive work
  archive=$(class_archive)
  [[ -f $archive ]] && return 0
  say "making Kafka's class archive (some seconds)"
  rm -f "$kafka_cache"/classes-*.jsa
  work=$(mktemp -d "$kafka_cache/archive.XXXXXX")
  if (warm_up "$work" "$work/classes.jsa") >"$work/log" 2>&1; then
    mv "$work/classes.jsa" "$archive"
  else
    tail -n 5 "$work/log" >&2
    say "no class archive: the broker will start more slowly"
  fi
  rm -rf "$work"
}
