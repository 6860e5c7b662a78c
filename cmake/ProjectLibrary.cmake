# project_library(NAME DEPENDS ... [LINK ...]): the library of one folder of src/, made of its
# sources, and the program NAME_test made of its tests. DEPENDS names folders of lower rank.
function(project_library NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  foreach(file IN LISTS ARG_EXCLUDE)
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  list(TRANSFORM ARG_DEPENDS PREPEND fathom_)

  add_library(fathom_${NAME} STATIC ${sources})
  target_include_directories(fathom_${NAME} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(fathom_${NAME} PUBLIC ${ARG_DEPENDS} ${ARG_LINK})

  if(FATHOM_TESTS AND FATHOM_UNIT_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    add_dependencies(unit_tests ${NAME}_test)
    target_link_libraries(${NAME}_test PRIVATE fathom_${NAME} fathom_test_support
      GTest::gtest_main)
    gtest_discover_tests(${NAME}_test PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
