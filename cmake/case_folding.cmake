# Writes Unicode's simple case folding (CaseFolding.txt, status C and S) as a sorted C++ table.
# cmake -DINPUT=CaseFolding.txt -DOUTPUT=case_folding.inc -P case_folding.cmake
file(STRINGS ${INPUT} lines REGEX "^[0-9A-F]+; [CS]; ")
set(rows "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^([0-9A-F]+); [CS]; ([0-9A-F]+);.*" "{0x\\1, 0x\\2}," row "${line}")
  string(APPEND rows "${row}\n")
endforeach()
file(WRITE ${OUTPUT} "${rows}")
