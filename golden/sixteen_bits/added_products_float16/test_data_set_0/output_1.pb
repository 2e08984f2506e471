
Boutput_1J©¯šBÂ={@#ÂM˜?ÄÆhDj½‚Å