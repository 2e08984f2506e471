Bbound_5J±ˆ¨ðO?	‹F¹
E?k…à)^÷>