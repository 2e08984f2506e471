Btruth_0J0]tÑEAöP¿ÑEm•ÿ¿KZgy
Æ?Ôú•Â]¯¿½!h¤Ÿ¿)Pëkåš™?