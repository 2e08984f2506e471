Boutput_0J U[CїЏ€?»gCїHХA?
љd>‰@АшКҐѕэСк>