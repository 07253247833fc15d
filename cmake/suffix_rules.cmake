# Writes the rules of the Public Suffix List that are plain ASCII, as C++ strings.
# cmake -DINPUT=public_suffix_list.dat -DOUTPUT=suffix_rules.inc -P suffix_rules.cmake
# With the encoding, because without it a line is cut at every byte that is not ASCII.
file(STRINGS ${INPUT} rules ENCODING UTF-8 REGEX "^[!*.a-z0-9-]+[ \t]*$")
string(REGEX REPLACE "[ \t]" "" rules "${rules}")
string(REGEX REPLACE "([^;]+);?" "\"\\1\",\n" rules "${rules}")
file(WRITE ${OUTPUT} "${rules}")
