Binput_0J`¦zA
ƒBøwdBƒòA!/IAâÞŽAAVÎ@k|cA¿íàAbÖ$BëBÖAy&)B[¬:BúE±A[GB?B¬±ByœkBAÌâA7üB„÷AëÃÊAñ½]BCà¶A