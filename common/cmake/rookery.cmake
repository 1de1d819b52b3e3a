# How the suite's targets are made: every library and executable has the same
# warnings, include root, and (in the presets that ask for them) sanitizers.

# A library of the suite: rookery_library(NAME SOURCES... [LINK LIBRARIES...])
function(rookery_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE rookery_warnings)
endfunction()

# An executable in build/<preset>/bin: rookery_executable(NAME SOURCES... LINK LIBRARIES...)
function(rookery_executable name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} rookery_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# A test executable over Catch2's one main: rookery_test(NAME RING SOURCES... LINK LIBRARIES...)
# RING (unit, golden, contract, broker, ...) becomes the ctest label.
function(rookery_test name ring)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} rookery_catch_main rookery_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${ring}.${name} COMMAND ${name} --order rand --rng-seed time
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${ring}.${name} PROPERTIES LABELS ${ring} TIMEOUT 300)
endfunction()
