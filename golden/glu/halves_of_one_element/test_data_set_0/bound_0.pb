Bbound_0J ú
P€>LCb…â•>:8MW\ìw>Dƒ)&²ð²>