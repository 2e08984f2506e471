Boutput_0JÁÇ?óE±? |ô>¸
y?