# How every target of Pimento is made. Nothing is set globally: warnings, sanitizers and the
# language level travel on one interface target.
add_library(pimento_build_flags INTERFACE)
target_compile_features(pimento_build_flags INTERFACE cxx_std_20)
target_compile_options(pimento_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  # g++ 12 warns of std::string's own code (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${PIMENTO_WERROR}>:-Werror>)
if(PIMENTO_SANITIZERS)
  target_compile_options(pimento_build_flags INTERFACE
    -fsanitize=${PIMENTO_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(pimento_build_flags INTERFACE -fsanitize=${PIMENTO_SANITIZERS})
endif()
if(PIMENTO_COVERAGE)
  target_compile_options(pimento_build_flags INTERFACE --coverage)
  target_link_options(pimento_build_flags INTERFACE --coverage)
endif()

function(pimento_configure_target target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(PIMENTO_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "clang-tidy-19;--quiet")
  endif()
endfunction()

# pimento_add_room(NAME SOURCES a.cc ... LINKS pimento::base ... PRIVATE_LINKS ...)
# makes the library pimento_NAME with the alias pimento::NAME.
function(pimento_add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(pimento_${name} STATIC ${ROOM_SOURCES})
  add_library(pimento::${name} ALIAS pimento_${name})
  target_include_directories(pimento_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(pimento_${name} PUBLIC ${ROOM_LINKS}
                        PRIVATE pimento_build_flags ${ROOM_PRIVATE_LINKS})
  target_compile_features(pimento_${name} PUBLIC cxx_std_20)
  pimento_configure_target(pimento_${name})
endfunction()

function(pimento_add_program name output)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE pimento_build_flags ${PROGRAM_LINKS})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${output}
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  pimento_configure_target(${name})
endfunction()
