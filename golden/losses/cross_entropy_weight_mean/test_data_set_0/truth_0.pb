Btruth_0J‰œÓã
ø?