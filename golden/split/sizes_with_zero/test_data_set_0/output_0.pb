Boutput_0J™›¾œlf=
,›?Õø?