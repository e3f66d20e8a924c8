# The libraries we stand on, and the few functions with which every folder is declared.

find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenVINO REQUIRED COMPONENTS Runtime)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(grpc REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(jpeg REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(jxl REQUIRED IMPORTED_TARGET libjxl)
pkg_check_modules(png REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(webp REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(cbc REQUIRED IMPORTED_TARGET cbc)

option(TANDEM_WERROR "warnings are errors" ON)
set(TANDEM_SANITIZE "" CACHE STRING "address or thread: build everything of ours with that sanitizer")

add_library(tandem_flags INTERFACE)
target_compile_options(tandem_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                              -Werror=unused-result $<$<BOOL:${TANDEM_WERROR}>:-Werror>)
# Members that have a default are left out of our options structs on purpose. GCC agrees.
target_compile_options(tandem_flags INTERFACE
                       $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>)
option(TANDEM_FUZZ "build the libFuzzer targets; needs clang" OFF)
if(TANDEM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TANDEM_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(TANDEM_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()

if(TANDEM_SANITIZE)
  target_sources(tandem_flags INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${PROJECT_SOURCE_DIR}/tests/sanitizers/options.cpp>)
endif()

if(CMAKE_CXX_CLANG_TIDY)
  # A change of the rules changes the command, so that ninja checks everything again.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.clang-tidy)
  file(SHA1 ${PROJECT_SOURCE_DIR}/.clang-tidy rules)
  list(APPEND CMAKE_CXX_CLANG_TIDY --extra-arg=-DTANDEM_LINT_RULES_${rules})
  # Code that protoc writes under the build folder is not ours to lint.
  file(WRITE ${CMAKE_BINARY_DIR}/.clang-tidy "Checks: '-*,llvm-twine-local'\nHeaderFilterRegex: '^$'\n")
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# tandem_library(plan SOURCES a.cpp b.cpp LINK tandem::network): the static library of a folder of src/, as tandem::plan.
# What it links is what it may include; `PRECOMPILE` lists heavy library headers worth a precompiled header.
function(tandem_library folder)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE_LINK;PRECOMPILE" ${ARGN})
  add_library(tandem_${folder} STATIC ${arg_SOURCES})
  add_library(tandem::${folder} ALIAS tandem_${folder})
  target_include_directories(tandem_${folder} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(tandem_${folder} PUBLIC ${arg_LINK} Threads::Threads PRIVATE ${arg_PRIVATE_LINK} tandem_flags)
  if(arg_PRECOMPILE)
    target_precompile_headers(tandem_${folder} PRIVATE ${arg_PRECOMPILE})
  endif()
endfunction()

# Code whose speed nobody notices, compiled a quarter faster: the command line and the tests.
set(TANDEM_COLD $<$<CONFIG:Release>:-O1>)

# tandem_test(plan SOURCES x_test.cpp LINK tandem::plan [LABEL fast|slow] [TIMEOUT seconds] [PRECOMPILE headers]): one test
# program, one ctest entry per test case. PRECOMPILE is for headers far heavier than those all tests share.
function(tandem_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LINK;PRECOMPILE" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL fast)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name}_test ${arg_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${arg_LINK} GTest::gmock_main rapidcheck rapidcheck_gtest tandem_flags)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(arg_PRECOMPILE)
    target_precompile_headers(${name}_test PRIVATE <gmock/gmock.h> <gtest/gtest.h> ${arg_PRECOMPILE})
  else()
    target_precompile_headers(${name}_test REUSE_FROM tandem_test_headers)
  endif()
  target_compile_options(${name}_test PRIVATE ${TANDEM_COLD})
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()
