Binput_0JH³æÄBX¶ÝAfüQB‹“¡BSBÖHB@}‰B;•µA¾E
A-åcB)5B¿U‚AXÐCBìˆLA¸&:BL6B¼H8BW¤A