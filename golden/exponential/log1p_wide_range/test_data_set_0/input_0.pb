Binput_0JxA<ZBV®E†)3µAÉÇ£<µÎÊØ±Oý4çKè
¢Vü âÇL9Íè‘P¾Ä”‹”²ã¬œCÙŸGlNH_=4ZQ_¸AL5˜lùÿ%¬™íHÅÙÃGKø?òjæn7­wg¡j|ûìxS¶%yÏÕ:-š»œ