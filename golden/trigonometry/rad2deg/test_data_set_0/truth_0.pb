Btruth_0JxG¦°
¸Yh@ÕPÊ«s}hÀÅÏmhRÃ]ÀS§~ìbÀû	^M†lÀ_)ë‡•3J@º´#,çîqÀ—¾Q3ÄaÀ—›-¸&YÀUÜd›tdm@Y›Â…ùl@VG
œC5S@`6ð‘–]ÀK“Ë@Úù?«jì–t@