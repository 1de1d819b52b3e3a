#include "services/hashtag-window/service.hpp"

int main(int argc, char** argv) {
  rookery::hashtag_window::HashtagWindowService service;
  return rookery::run_service(argc, argv, service);
}
