Binput_1JÇZ@5Mö?hÎ†>
w!@