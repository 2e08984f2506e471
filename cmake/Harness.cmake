# lockstep_harness: reads goldens with protobuf, runs rows as GoogleTests. lockstep_main: a suite's main().

set(LOCKSTEP_PYTHON "" CACHE FILEPATH "The Python that has torch and lockstep; default .venv/bin/python, else python3")
if(NOT LOCKSTEP_USE_EMITTED)
  if(NOT LOCKSTEP_PYTHON AND EXISTS ${CMAKE_SOURCE_DIR}/.venv/bin/python)
    set(LOCKSTEP_PYTHON ${CMAKE_SOURCE_DIR}/.venv/bin/python)
  elseif(NOT LOCKSTEP_PYTHON)
    find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
    set(LOCKSTEP_PYTHON ${Python3_EXECUTABLE})
  endif()
endif()

# onnx.proto comes from the pinned onnx wheel; a pack from another machine carries a copy.
set(LOCKSTEP_ONNX_PROTO "" CACHE FILEPATH "onnx.proto; default the one of the onnx wheel, else LOCKSTEP_EMITTED_DIR's")
if(NOT LOCKSTEP_ONNX_PROTO AND LOCKSTEP_PYTHON)
  execute_process(
    COMMAND ${LOCKSTEP_PYTHON} -c "from importlib.util import find_spec as f; print(f('onnx').submodule_search_locations[0])"
    OUTPUT_VARIABLE lockstep_onnx_package OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(LOCKSTEP_ONNX_PROTO ${lockstep_onnx_package}/onnx.proto)
endif()
if(NOT EXISTS "${LOCKSTEP_ONNX_PROTO}")
  set(LOCKSTEP_ONNX_PROTO ${LOCKSTEP_EMITTED_DIR}/onnx.proto)
endif()
if(NOT EXISTS "${LOCKSTEP_ONNX_PROTO}")
  message(FATAL_ERROR "no onnx.proto: run ci/setup (it installs the onnx wheel), or set LOCKSTEP_ONNX_PROTO")
endif()

# The lite runtime: no descriptors, a quarter of the code.
set(lockstep_proto_dir ${CMAKE_BINARY_DIR}/proto)
get_filename_component(lockstep_proto_source ${LOCKSTEP_ONNX_PROTO} DIRECTORY)
file(MAKE_DIRECTORY ${lockstep_proto_dir})
add_custom_command(
  OUTPUT ${lockstep_proto_dir}/onnx.pb.cc ${lockstep_proto_dir}/onnx.pb.h
  COMMAND protobuf::protoc --proto_path=${lockstep_proto_source} --cpp_out=lite:${lockstep_proto_dir} ${LOCKSTEP_ONNX_PROTO}
  DEPENDS ${LOCKSTEP_ONNX_PROTO} COMMENT "onnx.proto")
add_library(lockstep_onnx STATIC ${lockstep_proto_dir}/onnx.pb.cc ${lockstep_proto_dir}/onnx.pb.h)
target_include_directories(lockstep_onnx SYSTEM PUBLIC ${lockstep_proto_dir})
target_compile_options(lockstep_onnx PRIVATE -O1)   # 11,000 generated lines; what is read is a few raw bytes
target_link_libraries(lockstep_onnx PUBLIC protobuf::libprotobuf-lite)

add_library(lockstep_harness STATIC gtest/golden.cpp gtest/compare.cpp gtest/execute.cpp gtest/results.cpp
            gtest/harness.cpp)
target_include_directories(lockstep_harness PUBLIC gtest lockstep/runtime)
target_link_libraries(lockstep_harness PRIVATE lockstep_warnings PUBLIC lockstep_onnx GTest::gtest)
target_compile_definitions(lockstep_harness PRIVATE
  LOCKSTEP_GOLDEN_DIR="${LOCKSTEP_GOLDEN_DIR}" LOCKSTEP_EMITTED_DIR="${LOCKSTEP_EMITTED_DIR}"
  LOCKSTEP_RESULTS_DIR="${CMAKE_BINARY_DIR}/results")

add_library(lockstep_main OBJECT gtest/main.cpp)
target_include_directories(lockstep_main PRIVATE gtest lockstep/runtime)
