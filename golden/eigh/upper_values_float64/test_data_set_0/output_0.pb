Boutput_0J(¸ì€e
À 4DÄþwÝ¿U¼E=˜Ì°?~\À=@¢Yº—vh@