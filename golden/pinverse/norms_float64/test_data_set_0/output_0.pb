Boutput_0J
z†Hƒ
@ÿtŸCŠ@şô	@