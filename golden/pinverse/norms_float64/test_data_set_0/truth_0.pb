Btruth_0J
z†Hƒ
@ÿtŸCŠ@şô	@