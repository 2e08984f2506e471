Bbound_0J Mװµ>ך?tühל?¾CEB…i?rײלזש
?