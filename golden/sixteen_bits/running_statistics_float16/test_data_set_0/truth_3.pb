Btruth_3JŒ¹ç?mC
X@’ÚA©WŸä?