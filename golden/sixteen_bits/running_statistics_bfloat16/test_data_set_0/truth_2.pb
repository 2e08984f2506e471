Btruth_2J¤p=
×ûî?=
×£ğNâ¿§tÚ@vå¿