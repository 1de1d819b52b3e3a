#include "services/rookeryctl/context.hpp"

#include <algorithm>
#include <string>

namespace rookery::rookeryctl {

Result<std::unique_ptr<kafka::Admin>> connect(Context& context) {
  constexpr std::chrono::milliseconds kPause{200};
  auto admin = kafka::Admin::create(context.connection, context.log, context.timeout);
  ROOKERY_RETURN_IF_ERROR(admin);
  const MonotonicTime deadline = context.clock.monotonic_now() + context.timeout;
  while (true) {
    const auto brokers = (*admin)->brokers();
    if (brokers) return admin;
    if (brokers.error().disposition != Disposition::kRetryBatch ||
        context.clock.monotonic_now() >= deadline) {
      return tl::make_unexpected(
          Error{brokers.error().disposition, brokers.error().code,
                context.connection.brokers + ": " + brokers.error().message});
    }
    context.clock.sleep_for(kPause, {});
  }
}

Result<void> create_topics(Context& context, kafka::Admin& admin,
                           std::span<const kafka::NewTopic> topics) {
  constexpr std::chrono::milliseconds kPause{20};
  ROOKERY_RETURN_IF_ERROR(admin.create_topics(topics));
  const MonotonicTime deadline = context.clock.monotonic_now() + context.timeout;
  while (true) {
    const auto counts = admin.partition_counts();
    ROOKERY_RETURN_IF_ERROR(counts);
    const auto count_of = [&](const kafka::NewTopic& topic) {
      const auto found = counts->find(topic.name);
      return found == counts->end() ? 0 : found->second;
    };
    const auto missing = std::find_if(
        topics.begin(), topics.end(),
        [&](const kafka::NewTopic& topic) { return count_of(topic) != topic.partitions; });
    if (missing == topics.end()) return {};
    if (context.clock.monotonic_now() >= deadline) {
      return fatal("topic_missing", "topic " + missing->name + " was created: expected " +
                                        std::to_string(missing->partitions) + " partitions, got " +
                                        std::to_string(count_of(*missing)));
    }
    context.clock.sleep_for(kPause, {});
  }
}

void print(std::string_view text, std::FILE* file) {
  std::fwrite(text.data(), 1, text.size(), file);
}

}  // namespace rookery::rookeryctl
