# Run by cpack between staging and packing: what one kind of package wants and others do not.
set(ENV{PACKAGE_VERSION} ${CPACK_PACKAGE_VERSION})
set(ENV{PACKAGE_MAINTAINER} ${CPACK_PACKAGE_CONTACT})
set(ENV{LAUNCHER} ${CPACK_FATHOM_LAUNCHER})
execute_process(
  COMMAND ${CPACK_FATHOM_PACKAGING_DIR}/prepare_package.sh ${CPACK_GENERATOR}
    ${CPACK_TEMPORARY_DIRECTORY}
  COMMAND_ERROR_IS_FATAL ANY)
