Boutput_0J“
l¢Ş!@