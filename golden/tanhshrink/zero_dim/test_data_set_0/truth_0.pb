Btruth_0J‰
’‡	ã¿