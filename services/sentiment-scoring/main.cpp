#include "services/sentiment-scoring/service.hpp"

int main(int argc, char** argv) {
  rookery::sentiment_scoring::SentimentScoring service;
  return rookery::run_service(argc, argv, service);
}
