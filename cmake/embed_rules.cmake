# Writes the rules, schemas and lists of a folder into a C++ source:
# cmake -DFOLDER=rules -DOUTPUT=shipped_files.cpp -P embed_rules.cmake
# They become raw literals, cut into chunks because compilers bound the length of one. The list is sorted.
file(GLOB_RECURSE paths LIST_DIRECTORIES false RELATIVE ${FOLDER} ${FOLDER}/*.weir ${FOLDER}/lists/*.txt)
list(SORT paths)

set(chunk 15000)
set(table "")
foreach(path IN LISTS paths)
  file(READ ${FOLDER}/${path} text)
  string(LENGTH "${text}" length)
  set(literal "")
  set(begin 0)
  while(begin LESS length)
    string(SUBSTRING "${text}" ${begin} ${chunk} piece)
    string(APPEND literal "\n    R\"weir_file(${piece})weir_file\"")
    math(EXPR begin "${begin} + ${chunk}")
  endwhile()
  string(APPEND table "      {\"${path}\",${literal} \"\"sv},\n")
endforeach()

set(source "// Written by cmake/embed_rules.cmake: the rules, schemas and lists that are part of the binary.
#include \"compiler/project.h\"

namespace weir::compiler {

using namespace std::string_view_literals;

const std::vector<ShippedFile>& shipped_files() {
  static const std::vector<ShippedFile> files = {
${table}  };
  return files;
}

}  // namespace weir::compiler
")
file(WRITE ${OUTPUT} "${source}")
