#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/records/post_reader.hpp"

namespace rookery::rookeryctl {

/// What a record of raw_tweets must become.
struct Verdict {
  enum class Action : std::uint8_t { kKeep, kDelete, kAmend };
  Action action = Action::kKeep;
  bool scrub_geo = false;  ///< With kAmend.
  /// With kAmend: where the post is withheld now. Absent: as it says.
  std::optional<std::vector<std::string>> countries = {};
};

/// What the events of compliance_events demand, the last word of each author and
/// post. A pure function of what it was given.
class Demands {
 public:
  /// Takes one event (proto/rookery/v1/compliance_events.proto); false: it is none
  /// that is known, and is left out.
  bool take(std::string_view event);

  [[nodiscard]] Verdict verdict(const PostView& post) const;
  [[nodiscard]] bool empty() const { return users_.empty() && posts_.empty(); }

 private:
  /// Of posts that were written until then; absent: of all.
  struct Until {
    std::optional<WallTime> time;
    [[nodiscard]] bool covers(WallTime created) const { return !time || created <= *time; }
  };
  struct Scrub {
    Until until;
    std::string up_to;  ///< Id of a post; empty: all.
  };
  struct Subject {
    std::optional<Until> deleted;
    std::optional<Scrub> scrubbed;
    std::optional<std::vector<std::string>> countries;
  };

  static void apply(const Subject& subject, const PostView& post, Verdict& verdict);

  std::map<std::string, Subject, std::less<>> users_;
  std::map<std::string, Subject, std::less<>> posts_;
};

/// Whether `id` is not above `up_to`, both of digits as X's are; others by bytes.
[[nodiscard]] bool is_up_to(std::string_view id, std::string_view up_to);

/// `record` as `verdict` (kAmend) demands it, with `amendment`; absent: it is so
/// already, or is no object.
[[nodiscard]] std::optional<std::string> amended(std::string_view record, const Verdict& verdict);

}  // namespace rookery::rookeryctl
