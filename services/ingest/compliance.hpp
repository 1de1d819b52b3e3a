#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// What a source demands for posts that it sent earlier, in the terms of
/// proto/rookery/v1/compliance_events.proto. Views hold while the message does.
struct ComplianceDemand {
  std::string_view kind;
  std::string_view user_id;
  std::string_view post_id;
  std::string_view up_to_post_id;
  std::vector<std::string_view> countries;
  std::optional<WallTime> event_at;

  /// Of the record: the author, else the post.
  [[nodiscard]] std::string_view key() const { return user_id.empty() ? post_id : user_id; }
  /// Forgets the values and keeps the buffer.
  void clear();
};

/// Reads a notice of v1.1's streams ({"scrub_geo":{"user_id":…}}, {"status_withheld":…})
/// or of v2's compliance streams (what stands in `data`: {"user_delete":{"user":…}}).
/// False: the message demands nothing of the kind; the deletion of a post is none.
/// Error codes, dead letters: field_missing (neither author nor post), field_type,
/// field_range.
[[nodiscard]] Result<bool> read_demand(simdjson::dom::object message, TextArena& arena,
                                       ComplianceDemand& demand);

/// Reads Jetstream's account event: `holder` has active and status.
[[nodiscard]] Result<void> read_account(simdjson::dom::object holder, std::string_view did,
                                        WallTime seen, ComplianceDemand& demand);

/// Whose state the lines of X's batch compliance jobs tell: the lines do not say so.
enum class ComplianceJob : std::uint8_t { kPosts, kUsers };

/// What a line of a job is to us.
enum class JobLine : std::uint8_t { kDeletion, kDemand };

/// Reads {"id","action","reason",…}: a deletion of demand.post_id, or a demand. Error
/// codes, dead letters: not_a_post (another object), field_missing, field_type,
/// field_range (a reason that X does not document).
[[nodiscard]] Result<JobLine> read_job_line(simdjson::dom::object line, ComplianceJob job,
                                            TextArena& arena, ComplianceDemand& demand);

/// Whether `message` has the shape of such a line.
[[nodiscard]] bool is_job_line(simdjson::dom::object message);

/// Appends `demand` as one record of compliance_events, without a line break.
void append_compliance_event(std::string& out, const ComplianceDemand& demand,
                             const OriginFields& origin);

}  // namespace rookery::ingest
