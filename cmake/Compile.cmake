# lockstep_emitted: the flags of emitted code and of what tests the runtime headers. lockstep_warnings: of our own code.
include(CheckCXXCompilerFlag)

add_library(lockstep_warnings INTERFACE)
target_compile_options(lockstep_warnings INTERFACE -Wall -Wextra -Werror)

add_library(lockstep_emitted INTERFACE)
target_link_libraries(lockstep_emitted INTERFACE lockstep_warnings)
target_include_directories(lockstep_emitted INTERFACE ${CMAKE_SOURCE_DIR}/lockstep/runtime ${CMAKE_SOURCE_DIR}/gtest)
# After CMAKE_CXX_FLAGS_<CONFIG>, so -O2 wins over Release's -O3.
target_compile_options(lockstep_emitted INTERFACE $<$<NOT:$<CONFIG:Debug>>:-O2> -ffp-contract=fast)

if(LOCKSTEP_ARCH)
  check_cxx_compiler_flag(-march=${LOCKSTEP_ARCH} LOCKSTEP_HAS_ARCH_${LOCKSTEP_ARCH})
  if(LOCKSTEP_HAS_ARCH_${LOCKSTEP_ARCH})
    target_compile_options(lockstep_emitted INTERFACE -march=${LOCKSTEP_ARCH})
  elseif(NOT LOCKSTEP_ARCH STREQUAL native)
    message(FATAL_ERROR "the compiler does not know -march=${LOCKSTEP_ARCH} (LOCKSTEP_ARCH)")
  endif()
endif()

# ccache takes `native` for the same flag on every processor: what it stands for here becomes part of the command.
if(LOCKSTEP_ARCH STREQUAL native AND LOCKSTEP_HAS_ARCH_native)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E -x c++ /dev/null
                  OUTPUT_VARIABLE lockstep_macros ERROR_QUIET)
  string(MD5 lockstep_processor "${lockstep_macros}")
  target_compile_definitions(lockstep_emitted INTERFACE LOCKSTEP_PROCESSOR=0x${lockstep_processor})
endif()
