Bbound_0JH{4ò«!g>"_
ÒMul>a§•Gs>ór"m>ÃW×fA}>¶8L
y>,UŸ@Dt>€Ü$îy>O­Í¥/š†>