Binput_0Jo"`>¢Ti¿<b
¿