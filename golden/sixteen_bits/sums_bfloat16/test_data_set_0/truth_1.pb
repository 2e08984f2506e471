Btruth_1J¤p=
wüž?