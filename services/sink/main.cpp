#include "common/runtime/service.hpp"
#include "services/sink/service.hpp"

int main(int argc, char** argv) {
  rookery::sink::SinkService service;
  return rookery::run_service(argc, argv, service);
}
