# `cpack -G DEB` and `cpack -G RPM` in the build folder. The deb uses Debian's libraries; the rpm
# brings its own, see docs/decisions/0003-relocatable-prefix.md.
set(CPACK_PACKAGE_NAME fathom)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION
"fathom shows which instruction of a container image put which files into
it, what is wasted and why. It reads what docker save, podman save, skopeo,
buildah, kaniko and umoci write, without a container engine, and can fail a
build by rules. It also answers to the command line of dive.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB RPM)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/prepare_package.cmake)
# For the script.
set(CPACK_FATHOM_PACKAGING_DIR ${PROJECT_SOURCE_DIR}/packaging)
set(CPACK_FATHOM_LAUNCHER ${CMAKE_BINARY_DIR}/packaging/fathom-launcher)

# Whoever builds packages signs for them: DEBFULLNAME and DEBEMAIL as Debian's tools know them, else
# the author of the last commit.
set(maintainer "fathom maintainers")
if(DEFINED ENV{DEBEMAIL})
  set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
else()
  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} log -1 "--format=%an <%ae>"
    OUTPUT_VARIABLE author OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(author)
    set(maintainer ${author})
  endif()
endif()
set(CPACK_PACKAGE_CONTACT ${maintainer})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded when a registry or an engine is first asked.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libcurl4, ca-certificates")

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_DESCRIPTION ${CPACK_PACKAGE_DESCRIPTION})
set(CPACK_RPM_PACKAGE_VENDOR ${maintainer})
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP "Development/Tools")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /usr/share/man /usr/share/man/man1 /usr/share/bash-completion
  /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/site-functions
  /usr/share/fish /usr/share/fish/vendor_completions.d)
# It brings all it needs, and what it brings is nobody else's.
set(CPACK_RPM_SPEC_MORE_DEFINE
"%global __provides_exclude_from ^/usr/lib/fathom/.*$
%global __requires_exclude_from ^/usr/lib/fathom/.*$
%global _build_id_links none
%global use_source_date_epoch_as_buildtime 1
%global _buildhost localhost")
include(CPack)
