# gtest/test_*.cpp: tests of the runtime headers and of the harness, one program each. gtest/sweep_*.cpp: long
# measurements, built by name only (`cmake --build build --target sweep_math`).
include(GoogleTest)

file(GLOB lockstep_programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/gtest/test_*.cpp)
foreach(source IN LISTS lockstep_programs)
  get_filename_component(program ${source} NAME_WE)
  add_executable(${program} ${source})
  target_link_libraries(${program} PRIVATE lockstep_emitted GTest::gtest_main)
  gtest_discover_tests(${program} TEST_PREFIX ${program}/ PROPERTIES LABELS runtime DISCOVERY_TIMEOUT 60)
endforeach()
target_link_libraries(test_harness PRIVATE lockstep_harness)

file(GLOB lockstep_programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/gtest/sweep_*.cpp)
foreach(source IN LISTS lockstep_programs)
  get_filename_component(program ${source} NAME_WE)
  add_executable(${program} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(${program} PRIVATE lockstep_emitted)
endforeach()
