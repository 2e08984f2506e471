Boutput_0JşE
@