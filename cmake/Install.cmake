# What `cmake --install` puts where: the program, its manual pages and completions, its documents.
# Nothing else of the build is installed. `--strip` leaves the debug information out.
include(GNUInstallDirs)

install(TARGETS fathom RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md"
  PATTERN schemas EXCLUDE)
install(DIRECTORY docs/schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/fathom
  FILES_MATCHING PATTERN "*.json")

# Made by the targets `man` and `completions`.
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL
  FILES_MATCHING PATTERN "*.1")
install(DIRECTORY ${CMAKE_BINARY_DIR}/completion/ OPTIONAL
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  FILES_MATCHING PATTERN "fathom.bash")
install(DIRECTORY ${CMAKE_BINARY_DIR}/completion/ OPTIONAL
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions FILES_MATCHING PATTERN "_fathom")
install(DIRECTORY ${CMAKE_BINARY_DIR}/completion/ OPTIONAL
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  FILES_MATCHING PATTERN "fathom.fish")
