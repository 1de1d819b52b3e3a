#include "common/runtime/service.hpp"
#include "services/ingest/service.hpp"

int main(int argc, char** argv) {
  rookery::ingest::IngestService service;
  return rookery::run_service(argc, argv, service);
}
