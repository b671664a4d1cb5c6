# The packages of Debian 12 that Pimento stands on; why each is here is told in
# docs/dependencies.md. No other file names a package.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(TBB 2021 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
pkg_check_modules(HIGHWAY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)

# Debian builds SystemC as C++17; this keeps its version check and lets C++20 clients link.
add_library(pimento_systemc INTERFACE)
add_library(pimento::systemc ALIAS pimento_systemc)
target_link_libraries(pimento_systemc INTERFACE PkgConfig::SYSTEMC)
target_compile_definitions(pimento_systemc INTERFACE SC_CPLUSPLUS=201703L)

# onnx.proto, the format's own definition, as installed by libonnx-dev.
find_path(ONNX_PROTO_DIR onnx/onnx.proto PATHS /usr/include REQUIRED)
