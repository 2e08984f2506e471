Binput_3J¡’¿
1é½OqC>