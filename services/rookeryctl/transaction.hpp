#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/kafka/client.hpp"
#include "common/runtime/io.hpp"
#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

/// What a command writes; the views need to hold during write() only.
struct Writing {
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};  ///< Absent: a deletion.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// A transaction that is aborted unless it is committed. One thread uses it.
class Transaction final : private kafka::ClientEvents {
 public:
  /// `name` is transactional.id and group of the positions.
  Transaction(Context& context, std::string name);
  ~Transaction() override;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Ends what a dead predecessor left open, and fences a living one: what is
  /// committed by now stays so until the end.
  Result<void> begin();

  /// Without a partition murmur2 of the key chooses it.
  Result<void> write(const std::string& topic, std::optional<Partition> partition,
                     const Writing& writing);

  /// Moves the positions of another group, which must have no members, with the transaction.
  Result<void> move(const std::string& group, const Progress& progress);

  /// Commits, with the positions of `progress` (may be empty).
  Result<void> commit(const Progress& progress);

 private:
  rd_kafka_resp_err_t produce(const std::string& topic, std::optional<Partition> partition,
                              const Writing& writing);

  Context& context_;
  std::string name_;
  kafka::Client client_;
  bool open_ = false;
};

}  // namespace rookery::rookeryctl
