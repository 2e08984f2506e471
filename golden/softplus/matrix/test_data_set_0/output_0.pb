Boutput_0JTÒY=J´@nE?•ÿ–?×˜?zpÄ@Q,C?
V½@¥N@¸~H@r <kD'?A%¿?p@]-e@ğ®i@Võ>
^@üã=õ³A@Ÿdb?