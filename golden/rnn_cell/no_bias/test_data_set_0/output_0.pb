Boutput_0J Z›~?<*¿ûYN?
¢Y¿'i?o~¿Uìd?„¡m¿