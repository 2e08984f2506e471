Boutput_0JjÂ”¼	f¬?e¥?ã$?1i
@ÄN¾>