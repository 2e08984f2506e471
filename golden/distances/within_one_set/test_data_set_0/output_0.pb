
Boutput_0J(’–H@7M#@ò
­?l@[@d½W@Öa÷?ÏþP@Ã9Þ?‡`R@