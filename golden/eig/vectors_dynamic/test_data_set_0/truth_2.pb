Btruth_2JôvÎIo
@XÂ¥Ã7SÙ?Dj¬šáş¿