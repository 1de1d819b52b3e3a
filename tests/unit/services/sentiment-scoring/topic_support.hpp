#pragma once

#include <string>

#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::sentiment_scoring {

/// Three topics of a few words each; "team" belongs to the first two.
inline TopicParts small_topics() {
  TopicParts parts;
  parts.name = "small";
  parts.labels = {"sport", "work", "Wetter"};
  parts.prior = {0.1F, 0.1F, 0.1F};
  parts.words = {"goal", "team", "meeting", "sonne", "new york", "york"};
  parts.weights = {
      0.5F,   0.01F, 0.01F,  // goal
      0.25F,  0.25F, 0.01F,  // team
      0.01F,  0.5F,  0.01F,  // meeting
      0.01F,  0.01F, 0.5F,   // sonne
      0.125F, 0.01F, 0.25F,  // new york
      0.01F,  0.5F,  0.01F,  // york
  };
  return parts;
}

}  // namespace rookery::sentiment_scoring
