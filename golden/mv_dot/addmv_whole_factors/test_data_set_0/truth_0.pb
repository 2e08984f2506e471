Btruth_0J P7ÿ&Q@œÜ_,ëSó¿HgYÀ(d@h
ó#‹T@