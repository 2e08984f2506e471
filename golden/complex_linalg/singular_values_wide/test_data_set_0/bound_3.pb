Bbound_3J3ÚûQ
ò>