Binput_1J|
ฟ๊•ื>ลอtฟ