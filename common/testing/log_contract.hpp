#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/io.hpp"

namespace rookery::testing {

/// One input topic with one partition and any output topics, behind a Source and
/// a TransactionalSink: the fake in memory, or a broker.
class LogUnderTest {
 public:
  virtual ~LogUnderTest() = default;
  virtual Source& source() = 0;
  virtual TransactionalSink& sink() = 0;

  /// As another producer, without a transaction. Absent value: a deletion.
  virtual void append(std::string key, std::optional<std::string> value) = 0;
  /// The process dies and its successor, of the same name, starts.
  virtual void crash() = 0;
  /// What a read_committed reader sees, "(deleted KEY)" for deletions.
  virtual std::vector<std::string> committed(std::string_view topic) = 0;
  /// The topic to which the checks write.
  [[nodiscard]] virtual std::string output_topic() const = 0;
};

/// What every Source and TransactionalSink must keep for the pipeline to be
/// exact. Each check takes a fresh log and returns what was violated, empty when
/// nothing was; so the fake cannot drift from the truth.
struct LogCheck {
  std::string_view name;
  std::vector<std::string> (*run)(LogUnderTest& log);
};

[[nodiscard]] const std::vector<LogCheck>& log_contract();

}  // namespace rookery::testing
