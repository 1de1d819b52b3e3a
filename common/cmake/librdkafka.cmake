# librdkafka >= 2.10.1: older releases lose messages in cooperative rebalances
# and do not find a new coordinator. scripts/setup builds 2.15.1 into the cache;
# a newer system package is taken where there is one.
find_package(PkgConfig REQUIRED)
if(DEFINED ENV{ROOKERY_CACHE})
  set(rookery_cache $ENV{ROOKERY_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(rookery_cache $ENV{XDG_CACHE_HOME}/rookery)
else()
  set(rookery_cache $ENV{HOME}/.cache/rookery)
endif()
set(ROOKERY_RDKAFKA_PREFIX ${rookery_cache}/librdkafka-2.15.1 CACHE PATH
    "Where scripts/setup put librdkafka")

add_library(rookery_rdkafka INTERFACE)
pkg_check_modules(SYSTEM_RDKAFKA IMPORTED_TARGET rdkafka>=2.10.1)
if(SYSTEM_RDKAFKA_FOUND)
  target_link_libraries(rookery_rdkafka INTERFACE PkgConfig::SYSTEM_RDKAFKA)
elseif(EXISTS ${ROOKERY_RDKAFKA_PREFIX}/lib/librdkafka.a)
  find_package(OpenSSL REQUIRED)
  find_package(ZLIB REQUIRED)
  find_package(Threads REQUIRED)
  target_include_directories(rookery_rdkafka SYSTEM INTERFACE ${ROOKERY_RDKAFKA_PREFIX}/include)
  target_link_libraries(rookery_rdkafka INTERFACE ${ROOKERY_RDKAFKA_PREFIX}/lib/librdkafka.a
                        lz4 zstd OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads
                        ${CMAKE_DL_LIBS} m rt)
else()
  message(FATAL_ERROR "librdkafka >= 2.10.1 not found: run scripts/setup "
                      "(looked for a system package and in ${ROOKERY_RDKAFKA_PREFIX})")
endif()
