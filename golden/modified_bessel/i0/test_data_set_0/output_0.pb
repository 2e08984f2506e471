Boutput_0J`cª‚Aè`qBnŸ?ÏqÝA‡æÔA—‹:BJBmSô?URÙBü…A¦D8@ÐËAíÄÅ?ýoD@=?„F°
@H‚Î@	m›?BCÝÝ@g‰rBˆ§®?ÑHƒ?