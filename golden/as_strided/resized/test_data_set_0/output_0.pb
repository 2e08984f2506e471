Boutput_0J(åI„>
 8½mäþ¾mÔç?dxà¿žHI?rEÎ¾7Y{¿®FÍ¾xþª=