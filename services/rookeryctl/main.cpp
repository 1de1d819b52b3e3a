#include "services/rookeryctl/command_line.hpp"

int main(int argc, char** argv) {
  return rookery::rookeryctl::run(argc, argv);
}
