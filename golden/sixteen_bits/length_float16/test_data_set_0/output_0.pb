
Boutput_0J—a>aåa&c