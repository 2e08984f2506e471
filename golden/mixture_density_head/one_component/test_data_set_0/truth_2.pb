Btruth_2JàĞÑX
å?i,´ÿn©ù?y„h‹©CÌ?