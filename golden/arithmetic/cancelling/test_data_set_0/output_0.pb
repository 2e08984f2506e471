Boutput_0JPmCD‚C\B•±ÒEv{ =IÆÀ "¾žƒM@Š£…A™îDÉ-*Aà‘eBV°Ä9uÖÅw
ÃR³DrõŒ¾™®A®9"ÅòðŒ;