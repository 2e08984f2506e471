@
Binput_0J€äz{zòzz‚zûz;{?z{þz'{´z z{óz{µz‡zØz@z:{/zJz{{ÓzMz9zÏzÅz
{×z"zæz¾z{z({{äz5{
{\zK{/{Qz{?zEzM{ºzÞzºzgz‹z´z»zýzšz|z&{Oz5{/{ØzNzLzz7{z¶zÈz?{úz–z9zrz{Gz*zPzíz§z-z{"{€zåzÈz,{ŸzL{òz6zqz!z{ûz8{+{©zzÛzÉz#zqz;{ÂzÂzazëz{z{5{xzD{`z{Zz2z{:{÷z·zz´zEzz{{ñzêz+{Ëz{?z§z@z{D{ËzÌzWzE{ {!{({{G{{'zœzñzzóz¹z{Ìz
{xz¿zXzØz#zŠz‚z'zÃzB{Ùzäzz{Õzzxz¹z zXz1zÇz–zS{{†z${/zøz:z¿zÕz {,{±z1z{zKz){ázîzK{z“zDzpz:zN{;{½zyz?z¸znzxz–zezNzôz{‚z?zVzÿzÿz!{{Mz7{ÎzH{{Ýz7z¯zA{íz{#{Ðz5zþz{—záz]zzÉz{{­zUzúz©z1{ézòzF{¶znz!z{œz]z({+zÈz‰zñz={—z!z7{rzz¦zÍz({7{¥z@z
{©z
{Ÿzhzpz5{{({0z†zpzQ{Âz¨zRzåzÊzmz¶zF{€zðz-z²zz”zz{†zÜz4{Æz{R{z{øzG{{={z{SzÇz1{âzùzL{{Œz}zzŒz«zz4z‰z®z{­zczPz%z»zz({¶z¹z•z¡zãzCzTzL{R{{1{€zztz•z{jzÿzëzÄzB{¬z(zêzšz{¨zåzrz{E{B{FzÑzWz{