Btruth_0J“
l¢Þ!@