# One program per generator, from what `python -m lockstep emit SUITE` writes to LOCKSTEP_EMITTED_DIR/SUITE:
#   SUITE.cpp     the program;   SUITE.d   what it was made from, in make's syntax;   tests.cmake   its tests

if(LOCKSTEP_USE_EMITTED)
  file(GLOB lockstep_sources CONFIGURE_DEPENDS ${LOCKSTEP_EMITTED_DIR}/*/tests.cmake)
  list(TRANSFORM lockstep_sources REPLACE "/tests.cmake$" ".py")
else()
  file(GLOB lockstep_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/generators/[a-z]*.py)
endif()

get_filename_component(lockstep_emit_to ${LOCKSTEP_EMITTED_DIR} DIRECTORY)
set(lockstep_suites "")
foreach(source IN LISTS lockstep_sources)
  get_filename_component(suite ${source} NAME_WE)
  if(LOCKSTEP_SUITES AND NOT suite IN_LIST LOCKSTEP_SUITES)
    continue()
  endif()
  list(APPEND lockstep_suites ${suite})
  set(emitted ${LOCKSTEP_EMITTED_DIR}/${suite})
  if(NOT LOCKSTEP_USE_EMITTED)
    # The script asks Python only when something is newer than what was emitted: `ci/conform` has emitted all suites
    # before, in one go, and Ninja runs every command that it has not run itself.
    add_custom_command(
      OUTPUT ${emitted}/${suite}.cpp ${emitted}/tests.cmake
      COMMAND ${CMAKE_COMMAND} -DSUITE=${suite} -DFOLDER=${emitted} -DGENERATOR=${source} -DTO=${lockstep_emit_to}
              -DPYTHON=${LOCKSTEP_PYTHON} -P ${CMAKE_SOURCE_DIR}/cmake/emit.cmake
      DEPENDS ${source} DEPFILE ${emitted}/${suite}.d
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "emit ${suite}" VERBATIM)
  endif()
  add_executable(${suite} ${emitted}/${suite}.cpp $<TARGET_OBJECTS:lockstep_main>)
  target_link_libraries(${suite} PRIVATE lockstep_emitted lockstep_harness)
endforeach()

# ctest reads the suites' tests.cmake itself, each time it starts. gtest_discover_tests would run a hundred programs
# after linking to learn what `emit` has known all along.
configure_file(cmake/tests.cmake.in ${CMAKE_BINARY_DIR}/tests.cmake @ONLY)
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_BINARY_DIR}/tests.cmake)
