#include "common/runtime/service.hpp"
#include "services/geo-enrich/service.hpp"

int main(int argc, char** argv) {
  rookery::geo_enrich::GeoEnrichService service;
  return rookery::run_service(argc, argv, service);
}
