# Apache Arrow with Parquet: Debian 12 has no package, so scripts/setup takes
# headers and libraries out of the wheel of pyarrow. Where they are not there,
# the target rookery_arrow is not, and what reads or writes Parquet says so.
set(ROOKERY_ARROW_PREFIX ${rookery_cache}/arrow-26.0.1 CACHE PATH "Where scripts/setup put Arrow")

if(EXISTS ${ROOKERY_ARROW_PREFIX}/lib/libparquet.so.2600)
  add_library(rookery_arrow INTERFACE)
  target_include_directories(rookery_arrow SYSTEM INTERFACE ${ROOKERY_ARROW_PREFIX}/include)
  target_link_libraries(rookery_arrow INTERFACE ${ROOKERY_ARROW_PREFIX}/lib/libparquet.so.2600
                        ${ROOKERY_ARROW_PREFIX}/lib/libarrow.so.2600)
  target_link_options(rookery_arrow INTERFACE -Wl,-rpath,${ROOKERY_ARROW_PREFIX}/lib)
else()
  message(STATUS "Apache Arrow was not found in ${ROOKERY_ARROW_PREFIX}: Parquet is left out")
endif()
