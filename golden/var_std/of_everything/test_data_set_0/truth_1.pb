Btruth_1JÅ].J
yó?