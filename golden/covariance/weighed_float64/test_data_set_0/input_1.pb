Binput_1J(TYÜOÆ?¨kóe]@I$>¢@§çL8L
@I0®ì
@