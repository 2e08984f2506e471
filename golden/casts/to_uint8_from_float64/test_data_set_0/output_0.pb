Boutput_0J-!`8^V6JI>
a)L