#include "services/rookeryctl/demands.hpp"

#include <catch2/catch.hpp>

namespace rookery::rookeryctl {
namespace {

using Action = Verdict::Action;

const std::string kEarly = "2026-01-01T00:00:00Z";
const std::string kLate = "2026-01-03T00:00:00Z";

/// What is to be done with a post of `author`.
Verdict of(const Demands& demands, const std::string& id, const std::string& author,
           const std::string& created = kEarly) {
  PostReader reader;
  const std::string record = R"({"id":")" + id + R"(","text":"","created_at":")" + created +
                             R"(","author":{"id":")" + author + R"("}})";
  const auto post = reader.read(record);
  REQUIRE(post);
  return demands.verdict(**post);
}

std::string event(const std::string& kind, const std::string& more) {
  return R"({"kind":")" + kind + R"(","source":"file",)" + more + "}";
}

TEST_CASE("an author who is gone takes the posts of until then along", "[compliance]") {
  for (const char* kind : {"user_deleted", "user_suspended", "user_protected"}) {
    Demands demands;
    REQUIRE(demands.take(event(kind, R"("user_id":"5","event_at":"2026-01-02T00:00:00Z")")));
    CHECK(of(demands, "1", "5").action == Action::kDelete);
    CHECK(of(demands, "1", "5", kLate).action == Action::kKeep);
    CHECK(of(demands, "5", "6").action == Action::kKeep);
    REQUIRE(demands.take(event(kind, R"("user_id":"5")")));
    CHECK(of(demands, "1", "5", kLate).action == Action::kDelete);
    REQUIRE(demands.take(event("user_restored", R"("user_id":"5")")));
    CHECK(of(demands, "1", "5").action == Action::kKeep);
  }
}

TEST_CASE("places are scrubbed up to a post, or up to a time", "[compliance]") {
  Demands demands;
  REQUIRE(demands.take(event("scrub_geo", R"("user_id":"5","up_to_post_id":"99")")));
  CHECK(of(demands, "99", "5").scrub_geo);
  CHECK(of(demands, "9", "5").scrub_geo);
  CHECK(of(demands, "100", "5").action == Action::kKeep);
  REQUIRE(demands.take(event("scrub_geo", R"("user_id":"6","event_at":"2026-01-02T00:00:00Z")")));
  CHECK(of(demands, "100", "6").scrub_geo);
  CHECK(of(demands, "100", "6", kLate).action == Action::kKeep);
  REQUIRE(demands.take(event("scrub_geo", R"("post_id":"7")")));
  CHECK(of(demands, "7", "8").scrub_geo);
}

TEST_CASE("what is said of a post is not said of its author", "[compliance]") {
  Demands demands;
  REQUIRE(demands.take(
      event("post_withheld", R"("user_id":"5","post_id":"7","countries":["DE","AR"])")));
  const Verdict verdict = of(demands, "7", "5");
  CHECK(verdict.action == Action::kAmend);
  CHECK(verdict.countries == std::vector<std::string>{"DE", "AR"});
  CHECK(of(demands, "8", "5").action == Action::kKeep);
  REQUIRE(demands.take(event("user_deleted", R"("user_id":"5")")));
  CHECK(of(demands, "7", "5").action == Action::kDelete);
}

TEST_CASE("an event that is not understood is told", "[compliance]") {
  Demands demands;
  CHECK_FALSE(demands.take("{"));
  CHECK_FALSE(demands.take("[]"));
  CHECK_FALSE(demands.take(event("scrub_geo", R"("up_to_post_id":"9")")));
  CHECK_FALSE(demands.take(event("user_promoted", R"("user_id":"5")")));
  CHECK(of(demands, "7", "5").action == Action::kKeep);
}

TEST_CASE("ids compare as numbers where they are", "[compliance]") {
  CHECK(is_up_to("9", "10"));
  CHECK_FALSE(is_up_to("10", "9"));
  CHECK(is_up_to("23260136625", "23260136625"));
  CHECK(is_up_to("at://a/3k", "at://a/3l"));
}

TEST_CASE("an amended record keeps all else", "[compliance]") {
  const std::string record =
      R"({"id":"1","text":"a \"b\" é","created_at":"2026-01-01T00:00:00Z","coordinates":{"lat":1.5,"lon":2},)"
      R"("place":{"id":"p"},"withheld_in_countries":["FR"],"origin":{"source":"file"},"later":[1,{"x":null}]})";
  Verdict scrub{.action = Action::kAmend, .scrub_geo = true};
  const auto scrubbed = amended(record, scrub);
  REQUIRE(scrubbed);
  CHECK(*scrubbed ==
        R"({"id":"1","text":"a \"b\" é","created_at":"2026-01-01T00:00:00Z",)"
        R"("withheld_in_countries":["FR"],"origin":{"source":"file"},"later":[1,{"x":null}],)"
        R"("amendment":"scrub_geo"})");
  CHECK_FALSE(amended(*scrubbed, scrub));
  Verdict withhold{.action = Action::kAmend, .countries = std::vector<std::string>{"DE"}};
  const auto withheld = amended(*scrubbed, withhold);
  REQUIRE(withheld);
  CHECK(withheld->find(R"("withheld_in_countries":["DE"],"amendment":"scrub_geo"})") !=
        std::string::npos);
  CHECK_FALSE(amended(*withheld, withhold));
  withhold.countries->clear();
  const auto nowhere = amended(record, withhold);
  REQUIRE(nowhere);
  CHECK(nowhere->find("withheld_in_countries") == std::string::npos);
  CHECK(nowhere->find(R"("amendment":"withheld")") != std::string::npos);
  CHECK_FALSE(amended("[]", scrub));
}

}  // namespace
}  // namespace rookery::rookeryctl
