Bbound_1J ык`x#Ж>СjьQ]і>вЪ[Є
bЎ>CY¶·8RР>