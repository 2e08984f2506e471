Bbound_0Jévdªp=§jH7MJ=ôŸ+Ä ¢
=