# Runs `python -m lockstep emit SUITE`, unless nothing it depends on is newer than its last emission. SUITE.d tells when
# that was: emit writes it each time and last, while a program whose text did not change keeps its file and its time.
set(stamp ${FOLDER}/${SUITE}.d)
set(stale FALSE)
foreach(file IN ITEMS ${FOLDER}/${SUITE}.cpp ${FOLDER}/tests.cmake ${stamp})
  if(NOT EXISTS ${file})
    set(stale TRUE)
  endif()
endforeach()

if(NOT stale)
  # target: dependency dependency \ newline dependency ...; blanks in names are written as "\ ".
  file(READ ${stamp} dependencies)
  string(REPLACE ";" "\\;" dependencies "${dependencies}")
  string(REGEX REPLACE "^[^\n]*:[ \\\n]" "" dependencies "${dependencies}")
  string(REPLACE "\\\n" " " dependencies "${dependencies}")
  string(REPLACE "\\ " "\t" dependencies "${dependencies}")
  string(REGEX REPLACE "[ \n]+" ";" dependencies "${dependencies}")
  foreach(dependency IN LISTS dependencies ITEMS ${GENERATOR})
    string(REPLACE "\t" " " dependency "${dependency}")
    # IS_NEWER_THAN is also true for equal times and for a file that is gone.
    if(dependency AND "${dependency}" IS_NEWER_THAN ${stamp})
      set(stale TRUE)
      break()
    endif()
  endforeach()
endif()

if(stale)
  execute_process(COMMAND ${PYTHON} -m lockstep emit ${SUITE} --build ${TO} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "lockstep emit ${SUITE} failed (${status})")
  endif()
endif()
